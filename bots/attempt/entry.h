// How a bot gets into its room, call or match, the first time and again: a machine without sockets,
// clocks or threads. What the server said goes in; what to ask it comes out, in order.
//
//   phase        | input                          | next         | requests
//   -------------+--------------------------------+--------------+---------------------------------
//   kConnecting  | connected                      | kRegistering | register
//   kRegistering | registered anew, begin()       | kAsking      | join, call (a caller), or
//                |                                |              | find-partner
//   kRegistering | the same, who is called        | kWaiting     |
//   kRegistering | resumed, then back             | kIn, kWaiting or kAsking: what it is still in
//   kAsking      | joined                         | kIn          |
//   kAsking      | ringing, queued                | kWaiting     |
//   kAsking,     | incoming                       | kWaiting     | answer, after the ring time
//   kWaiting     |                                |              |
//   kAsking,     | answered, matched              | kIn          |
//   kWaiting     |                                |              |
//   kWaiting     | call over, no partner          | kRefused     |
//   before kIn   | refused: already in, already   | same         | the same once more after 500 ms
//                | active, busy                   |              |
//   before kIn   | refused: no such user, or      | same         | the same after 20 ms: not here
//                | one who is gone                |              | yet (for a guest: 200 ms)
//   before kIn   | refused otherwise, deadline    | kRefused     |
//   before kIn   | the socket is lost             | kConnecting  |
#pragma once

#include "bots/attempt/participants.h"
#include "bots/signaling/client/signal_event.h"
#include "bots/timeline/event.h"
#include "scenarios/scenario.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace turnout {

class Entry {
 public:
  enum class Phase { kConnecting, kRegistering, kAsking, kWaiting, kIn, kRefused };
  // Why it is outside. kCalled: somebody calls just now.
  enum class Reason { kFirst, kAfterLeave, kAfterCut, kCalled };

  struct Plan {
    CallShape shape;
    int bot = 0;
    Participants participants;
    std::string room, pool;
    Scenario::Deadlines deadlines;
  };
  struct Ask {  // a request for the server; `text`: user, room, call or pool
    SignalRequest request = SignalRequest::kRegister;
    std::string text;
  };
  struct Failure {
    FailureCause cause = FailureCause::kJoinRejected;
    std::string detail;
  };

  Entry(Plan plan, Reason reason, Instant until);  // `until`: when being outside is a failure
  static Entry again(const Entry& before, Reason reason,
                     Instant at);  // registered and connected still

  void onSignal(const SignalEvent& event);
  void onSocketLost(Instant at);  // another one comes: begins again, in the time that is left
  void onTime(Instant at);
  std::optional<Instant> due() const;  // of onTime()

  Phase phase() const { return phase_; }
  Instant until() const { return until_; }
  bool isFirst() const { return reason_ == Reason::kFirst && !is_again_; }
  bool isRegistered() const { return phase_ > Phase::kRegistering; }
  const std::vector<Peer>& peers() const { return peers_; }  // kIn
  const std::string& call() const { return call_; }          // id of the call or match, if in one
  Duration waited() const { return waited_; }                // ringing or in the queue
  const Failure& failure() const { return failure_; }

  std::vector<Ask> takeAsks() { return std::exchange(asks_, {}); }
  std::vector<std::pair<Instant, EventBody>> takeNotes() { return std::exchange(notes_, {}); }

 private:
  void begin(Instant at);
  void ask(SignalRequest request, std::string text = {});
  void note(Instant at, EventBody body) { notes_.emplace_back(at, std::move(body)); }
  void enter(Phase phase, Instant at, const char* why);  // the only writer of phase_
  bool isConsistent() const;
  void wait(Instant at, const char* why);
  void getIn(Instant at, std::vector<Peer> peers, const char* why);
  void enterTwo(Instant at, const RoomPeer& peer, bool we_offer, const std::string& call);
  void comeBack(Instant at, const SignalBack& back);
  void onRefused(Instant at, const SignalRefused& refused);
  bool retriesLater(Instant at, const SignalRefused& refused);
  void refuse(Instant at, FailureCause cause, const std::string& detail);
  bool isCaller() const;

  Plan plan_;
  Reason reason_;
  Phase phase_ = Phase::kConnecting;
  Instant until_;
  std::optional<Instant> retry_at_, answer_at_, waiting_since_;
  Ask last_asked_;
  bool has_retried_ = false, is_again_ = false;
  std::string call_;
  Duration waited_{};
  std::vector<Peer> peers_;
  Failure failure_;
  std::vector<Ask> asks_;
  std::vector<std::pair<Instant, EventBody>> notes_;
};

}  // namespace turnout
