// One bot's part in one call, apart from its links: join the room, expect the others, leave. A
// machine like LinkAttempt: no sockets, clocks or threads.
//
//   phase    | input                         | next     | actions
//   kIdle    | start                         | kJoining | Join, Deadline(join)
//   kJoining | joined(peers)                 | kInRoom  | OpenLink(offerer) each, Deadline(connect)
//   kJoining | rejected, down, deadline      | kFailed  | BotFailed(cause), Settled(failed)
//   kInRoom  | peer joined                   | same     | OpenLink(answerer)
//   kInRoom  | every expected link settled   | same     | ClearDeadline, Settled
//   kInRoom  | down                          | kFailed  | SignalingLost to links; settled when they
//   are kInRoom  | deadline with peers missing   | kFailed  | BotFailed(peer_missing),
//   Settled(failed) live     | leave                         | kLeaving | EndLinks, Leave,
//   Deadline(leave) kLeaving | left, down, deadline          | kGone    | BotLeft, Gone kFailed  |
//   leave                         | kGone    | EndLinks, BotLeft, Gone
#pragma once

#include "bots/attempt/link_attempt.h"
#include "bots/timeline/event.h"

#include <set>
#include <string>
#include <variant>
#include <vector>

namespace turnout {

struct JoinRoom {};
struct OpenLink {
  std::string peer_id;  // socket id
  std::string user;
  LinkAttempt::Role role = LinkAttempt::Role::kOfferer;
};
struct TellLinksSignalingLost {
  std::string what;
};
struct EndLinks {};
struct LeaveRoom {};
struct BotSettled {
  bool up = false;
};
struct BotGone {};

using BotAction = std::variant<JoinRoom, OpenLink, TellLinksSignalingLost, EndLinks, LeaveRoom,
                               Deadline, ClearDeadline, Record, BotSettled, BotGone>;

struct BotPlan {
  Instant scheduled;
  milliseconds join{5000};
  milliseconds connect{15'000};
  milliseconds leave{3000};
  int expected_links = 1;
};

class BotAttempt {
 public:
  enum class Phase { kIdle, kJoining, kInRoom, kFailed, kLeaving, kGone };

  explicit BotAttempt(BotPlan plan) : plan_(plan) {}

  void start(Instant at);
  struct Neighbour {
    std::string id, user;
  };
  void onJoined(Instant at, const std::vector<Neighbour>& present);
  void onRejected(Instant at, const std::string& reason);
  void onPeerJoined(Instant at, const Neighbour& peer);
  void onSignalingDown(Instant at, const std::string& what);
  void onLinkSettled(Instant at, const std::string& peer_id, bool up);
  void onLeft(Instant at);
  void onDeadline(Instant at);
  void leave(Instant at);
  void interrupt(Instant at);  // the run was stopped: leave, and say so if nothing was decided yet

  Phase phase() const { return phase_; }
  std::vector<BotAction> takeActions() { return std::exchange(actions_, {}); }

 private:
  void act(BotAction action) { actions_.push_back(std::move(action)); }
  void record(Instant at, EventBody body) { act(Record{at, std::move(body)}); }
  void enter(Phase phase) { phase_ = phase; }
  void open(Instant at, const Neighbour& peer, LinkAttempt::Role role);
  void fail(Instant at, FailureCause cause, const std::string& detail);
  void settle();
  void gone(Instant at, const BotLeft& how);

  BotPlan plan_;
  Phase phase_ = Phase::kIdle;
  bool settled_ = false, signaling_up_ = false, all_up_ = true;
  std::set<std::string> opened_, settled_links_;
  std::vector<BotAction> actions_;
};

}  // namespace turnout
