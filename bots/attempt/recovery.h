// What a link does when its media stops, by the policy of the scenario: a machine without sockets,
// clocks or threads. The link tells when media stopped and came; what to do comes out as a rung.
//
//   phase    | input                                     | next     | out
//   ---------+-------------------------------------------+----------+----------------------------
//   kUp      | media stopped                             | kSilent  |
//   kUp      | connection failed, network changed        | kSilent  | due at once
//   any but kUp | media stopped                          | same     | since then, not since before
//   kSilent  | media back                                | kUp      | the outage
//   kSilent  | silence limit                             | kTrying  | lost, ICE restart
//   kSilent  | silence limit, policy begins with recreate| kPausing | lost
//   kSilent  | silence limit, policy none                | same     | lost; the far end may try
//   kTrying  | media back                                | kUp      | the outage
//   kTrying  | attempt over, more are left               | kTrying  | ICE restart, or
//            |                                           | kPausing |
//   kTrying  | attempt over, none is left                | kGivenUp | give up
//   kPausing | media back                                | kUp      | the outage
//   kPausing | pause over                                | same     | recreate: this link is closed
//   any      | onNewConnection(): it is an attempt       | kTrying  |
//
// Every rung needs signaling: without it what is due waits until it is back.
//
// A new peer connection is a new link with a Recovery of its own that carries on where the old one
// stood (History).
#pragma once

#include "scenarios/scenario.h"

#include <optional>
#include <string>

namespace turnout {

class Recovery {
 public:
  enum class Phase { kUp, kSilent, kPausing, kTrying, kGivenUp };
  enum class Rung { kNone, kIceRestart, kRecreate };
  struct History {                      // of a loss that goes on over several peer connections
    std::optional<Instant> lost_since;  // when media stopped
    int attempts = 0;
  };
  struct Order {
    bool lost = false;  // the link counts as lost from now on, whatever is done about it
    bool restart_ice = false, recreate = false, give_up = false;  // at most one of these
  };

  Recovery(RecoveryPolicy policy, History history) : policy_(policy), history_(history) {}

  void onSilent(Instant since);
  enum class Sign { kSilence, kFailed, kNetworkChanged };  // how a loss showed
  void onLost(Instant at, Sign sign);                      // not worth waiting for silence
  void onSignaling(Instant at, bool is_up);
  void wait(Instant until);  // the path carries something: what is due, is not before that
  // Media is back: how long it was away. Nothing if it had not stopped.
  std::optional<Duration> onMedia(Instant at);
  void onNewConnection(Instant at);  // this link is an attempt by itself: its time runs

  Order onTime(Instant at);
  std::optional<Instant> due() const;
  const History& history() const { return history_; }
  Sign sign() const { return sign_; }

 private:
  void enter(Phase phase, Instant at, const char* why);  // the only writer of phase_
  bool isConsistent() const;
  void loseAt(Instant due, Sign sign, Instant at);
  Order nextRung(Instant at);

  RecoveryPolicy policy_;
  History history_;
  Phase phase_ = Phase::kUp;
  Sign sign_ = Sign::kSilence;
  bool is_told_ = false;  // that it is lost
  bool can_signal_ = true;
  std::optional<Instant> due_;
};

const char* toString(Recovery::Rung rung);  // none, ice_restart, recreate
const char* toString(Recovery::Sign sign);  // silence, ice_failed, network_changed

}  // namespace turnout
