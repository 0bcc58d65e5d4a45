// How a bot gets into its room, call or match, the first time and again: a machine without sockets,
// clocks or threads. What the server said goes in; what to ask it comes out, in order.
//
//   phase        | input                        | next         | requests
//   kConnecting  | connected                    | kRegistering | register
//   kRegistering | registered anew, begin()     | kAsking      | join, call (a caller),
//   find-partner
//                |                              | kWaiting     | none (who is called waits)
//   kRegistering | resumed, then back           | kIn, kWaiting, kAsking: whatever it is still in
//   kAsking      | joined                       | kIn          |
//   kAsking      | ringing, queued              | kWaiting     |
//   kWaiting     | incoming                     | same         | answer, after the ring time
//   kWaiting     | answered, matched            | kIn          |
//   kWaiting     | call over, no partner        | kRefused     |
//   kAsking...   | refused: double_join,        | same         | the same once more after 500 ms
//                | session_active, busy         |              |
//                | refused: no_such_user, ghost | same         | the same every 100 ms: not here
//                yet | refused otherwise, deadline  | kRefused     |
#pragma once

#include "bots/attempt/cast.h"
#include "bots/signaling/client/signal_event.h"
#include "bots/timeline/event.h"
#include "scenarios/scenario.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace turnout {

struct Neighbour {  // somebody to have a link with
  std::string id;   // socket id
  std::string user;
  bool we_offer = false;
  std::string page{};  // RoomPeer::page
};
inline Neighbour neighbour(const RoomPeer& peer, bool we_offer) {
  return {peer.id, peer.user, we_offer, peer.page};
}

class Entry {
 public:
  enum class Phase { kConnecting, kRegistering, kAsking, kWaiting, kIn, kRefused };
  // How it comes to be outside. kCalled: somebody calls just now.
  enum class Way { kFirst, kAfterLeave, kAfterCut, kCalled };

  struct Plan {
    CallShape shape;
    int bot = 0;
    Cast cast;
    std::string room, pool;
    Scenario::Deadlines deadlines;
  };
  struct Ask {  // a request for the server; `text`: user, room, call or pool
    SignalRequest request = SignalRequest::kRegister;
    std::string text;
  };
  struct Refusal {
    FailureCause cause = FailureCause::kJoinRejected;
    std::string detail;
  };

  Entry(Plan plan, Way way, Instant until);  // `until`: when being outside is a failure
  static Entry again(const Entry& before, Way way, Instant at);  // registered and connected still

  void onSignal(const SignalEvent& event);
  void onSocketLost();  // another one comes: begins again, in the time that is left
  void onTime(Instant at);
  std::optional<Instant> due() const;  // of onTime()

  Phase phase() const { return phase_; }
  Instant until() const { return until_; }
  bool isFirst() const { return way_ == Way::kFirst && !is_again_; }
  bool isRegistered() const { return phase_ > Phase::kRegistering; }
  const std::vector<Neighbour>& neighbours() const { return neighbours_; }  // kIn
  const std::string& call() const { return call_; }  // id of the call or match, if in one
  Duration waited() const { return waited_; }        // ringing or in the queue
  const Refusal& refusal() const { return refusal_; }

  std::vector<Ask> takeAsks() { return std::exchange(asks_, {}); }
  std::vector<std::pair<Instant, EventBody>> takeNotes() { return std::exchange(notes_, {}); }

 private:
  void begin(Instant at);
  void ask(SignalRequest request, std::string text = {});
  void note(Instant at, EventBody body) { notes_.emplace_back(at, std::move(body)); }
  void wait(Instant at);
  void enter(std::vector<Neighbour> neighbours);
  void enterTwo(Instant at, const RoomPeer& peer, bool we_offer, const std::string& call);
  void comeBack(Instant at, const SignalBack& back);
  void onRefused(Instant at, const SignalRefused& refused);
  bool retriesLater(Instant at, const SignalRefused& refused);
  void refuse(FailureCause cause, const std::string& detail);
  bool isCaller() const;

  Plan plan_;
  Way way_;
  Phase phase_ = Phase::kConnecting;
  Instant until_;
  std::optional<Instant> retry_at_, answer_at_, waiting_since_;
  Ask last_asked_;
  bool has_retried_ = false, is_again_ = false;
  std::string call_;
  Duration waited_{};
  std::vector<Neighbour> neighbours_;
  Refusal refusal_;
  std::vector<Ask> asks_;
  std::vector<std::pair<Instant, EventBody>> notes_;
};

}  // namespace turnout
