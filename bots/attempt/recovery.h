// What a link does when its media stops, by the policy of the scenario: a machine without sockets,
// clocks or threads. The link tells when media stopped and came; what to do comes out as a rung.
//
//   phase     | input                              | next      | out
//   kUp       | media stopped                      | kSilent   |
//   kSilent   | media back                         | kUp       | recovered("none")
//   kSilent   | silence limit, connection failed,  | kTrying   | lost, the first rung of the policy
//             | network changed                    |           |
//   kTrying   | media back                         | kUp       | recovered(rung)
//   kTrying   | attempt over                       | kTrying   | the next rung, after its pause
//   kTrying   | no attempt is left                 | kGivenUp  | give up
//
// Every rung needs signaling: without it what is due waits until it is back.
//
// A new peer connection is a new link with a Recovery of its own that carries on where the old one
// stood (History).
#pragma once

#include "scenarios/recovery_policy.h"

#include <optional>
#include <string>

namespace turnout {

class Recovery {
 public:
  enum class Rung { kNone, kIceRestart, kRecreate };
  struct History {                      // of a loss that goes on over several peer connections
    std::optional<Instant> lost_since;  // when media stopped
    int attempts = 0;
    Rung rung = Rung::kNone;
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
  // How media came back and after what outage; nothing if it had not stopped.
  struct Recovered {
    Rung rung = Rung::kNone;
    Duration outage{};
  };
  std::optional<Recovered> onMedia(Instant at);
  void onNewConnection(Instant at);  // this link is an attempt by itself: its time runs

  Order onTime(Instant at);
  std::optional<Instant> due() const;
  const History& history() const { return history_; }
  Sign sign() const { return sign_; }

 private:
  void loseAt(Instant at, Sign sign);
  Order nextRung(Instant at);

  RecoveryPolicy policy_;
  History history_;
  enum class Phase { kUp, kSilent, kPausing, kTrying, kGivenUp } phase_ = Phase::kUp;
  Sign sign_ = Sign::kSilence;
  bool is_told_ = false;  // that it is lost
  bool can_signal_ = true;
  std::optional<Instant> due_;
};

const char* toString(Recovery::Rung rung);  // none, ice_restart, recreate
const char* toString(Recovery::Sign sign);  // silence, ice_failed, network_changed

}  // namespace turnout
