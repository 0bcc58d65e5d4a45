// A link without a peer connection, for load on the signaling server: messages to the other end at
// a steady rate, each answered at once by the other. A machine without sockets, clocks or threads.
//
//   phase       | input                    | next        | actions
//   ------------+--------------------------+-------------+---------------------------
//   kIdle       | start                    | kConnecting | SendPing
//   kConnecting | first answer             | kUp         | Connected, Settled(up)
//   kConnecting | deadline, signaling lost | kFailed     | LinkFailed, Settled(failed)
//   kUp         | signaling lost           | kFailed     | LinkFailed
//   live        | the next message is due  | same        | SendPing
//   live        | a message of the other   | same        | AnswerPing
//   any         | end                      | kEnded      | MessageReport
//
// A round trip counts from the instant its message was due, so the tool's own lateness is in it and
// no slow answer can hold back the messages after it (no coordinated omission).
#pragma once

#include "bots/attempt/link_attempt.h"
#include "scenarios/call_shape.h"

#include <cstdint>
#include <map>
#include <optional>
#include <variant>
#include <vector>

namespace turnout {

struct SendPing {
  std::int64_t number = 0;
};
struct AnswerPing {
  std::int64_t number = 0;
};
using MessageLinkAction = std::variant<SendPing, AnswerPing, Record, Connected, Settled>;

class MessageLink {
 public:
  MessageLink(MessageLoad load, Instant connect_by, std::optional<Instant> lost_at);

  void start(Instant at, LinkAttempt::Role role);
  void onPing(Instant at, std::int64_t number);
  void onAnswer(Instant at, std::int64_t number);
  void onSignalingLost(Instant at, const std::string& what);
  void onTime(Instant at);
  std::optional<Instant> due() const;
  void end(Instant at);
  std::optional<Instant> lastHeard() const { return last_heard_; }

  std::vector<MessageLinkAction> takeActions() { return std::exchange(actions_, {}); }

 private:
  enum class Phase { kIdle, kConnecting, kUp, kFailed, kEnded };
  void enter(Phase phase, Instant at, const char* why);  // the only writer of phase_
  bool isConsistent() const;
  void record(Instant at, EventBody body) { actions_.push_back(Record{at, std::move(body), -1}); }
  void fail(Instant at, FailureCause cause, const std::string& detail);

  Duration period_;
  Instant connect_by_;
  std::optional<Instant> lost_at_, last_heard_;
  Phase phase_ = Phase::kIdle;
  Instant next_due_;
  std::int64_t sent_ = 0;
  std::map<std::int64_t, Instant> awaited_;  // when each was due
  std::vector<std::int64_t> round_trips_us_;
  std::vector<MessageLinkAction> actions_;
};

}  // namespace turnout
