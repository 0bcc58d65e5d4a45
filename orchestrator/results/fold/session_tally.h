// The numbers of a cell that are of the app and its server rather than of media: who came, rang and
// was matched, what was refused, what the app did wrong, what came back after steps, and messages.
#pragma once

#include "orchestrator/results/fold/outcome.h"
#include "orchestrator/statistics/proportions.h"
#include "orchestrator/statistics/quantiles.h"
#include "orchestrator/statistics/survival.h"
#include "scenarios/scenario.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace turnout {

struct FaultTally {
  int calls = 0;
  int times = 0;
  std::string example;  // the detail of the first
};

struct StepTally {  // all steps of one action
  StepGoal goal = StepGoal::kLinksBack;
  int taken = 0;
  int due = 0;                // of those: ended a link, and were watched to the end
  int good = 0;               // of the due: the goal was reached in time
  int resumed = 0, anew = 0;  // came back into the session from before, or into a new one
  WaitingTimes outage;        // of the due; empty for kPartnersTold
  WaitingTimes recovery;      // of the due: from the end of the fault; empty for kPartnersTold
  Sample detect_ms;           // of those that some end noticed as a loss, from the onset
  Sample kept_out_ms;         // of those after which the server let somebody in again
  Sample late_ms;             // of all: the onset, after it was due
  int most_attempts = 0;      // of the recovery, for one link end
};

struct MessageTally {
  std::int64_t sent = 0, answered = 0;
  std::int64_t lost() const { return sent - answered; }
  Sample round_trip_ms;  // of the answered
};

struct SessionTally {
  int joins = 0, rings = 0, answered = 0, matches = 0;
  std::map<std::string, int> partner_left;    // by reason
  std::map<std::string, int> session_errors;  // by word
  int calls_with_session_errors = 0;
  std::map<std::string, int> recovered_by;  // link ends, by what brought media back
  std::map<AppFault, FaultTally> app_faults;
  Sample join_ms;                          // of each bot that joined
  std::optional<WaitingTimes> wait_time;   // absent where nobody rings and there is no queue
  std::map<std::string, StepTally> steps;  // by action
  // Of all steps after which somebody comes back: without media; from the end of the fault until all
  // was up again.
  WaitingTimes outage_time, recovery_time;
  std::optional<MessageTally> messages;  // when they are configured

  int sessionErrors() const;
  int appFaults() const;
  Proportion recovery() const;  // of the due steps after which somebody comes back
};

class SessionTallyBuilder {
 public:
  explicit SessionTallyBuilder(const Scenario& scenario);

  void add(const CallOutcome& call);
  SessionTally take();

 private:
  void addWait(const CallOutcome& call);
  void addStep(const StepOutcome& step);

  double wait_horizon_ms_, outage_horizon_ms_ = 0, recovery_horizon_ms_ = 0;
  SessionTally tally_;
  std::vector<double> joins_, round_trips_;
  std::vector<Observation> waits_;
  struct Lists {  // of one action
    std::vector<Observation> outages, recoveries;
    std::vector<double> detected, kept_out, late;
  };
  std::map<std::string, Lists> steps_;
};

}  // namespace turnout
