// Fold: events in, outcomes out. Pure and incremental. The order in which events are added does not
// matter, duplicates count once, and a log may end anywhere: what did not end is "aborted" and is
// never guessed to be a failure or a success.
#pragma once

#include "bots/timeline/event.h"
#include "orchestrator/results/fold/call_record.h"
#include "orchestrator/results/fold/outcome.h"
#include "orchestrator/results/fold/step_outcome.h"
#include "scenarios/plan.h"
#include "scenarios/scenario.h"

#include <optional>
#include <vector>

namespace turnout {

struct CallCounts {
  int planned = 0;
  int started = 0;    // at least one bot
  int connected = 0;  // with or without media so far
  int running = 0, succeeded = 0, failed = 0, aborted = 0;
};

class Fold {
 public:
  // `plan`: at its largest. Of a scenario that may grow, calls beyond the first count as planned
  // only once a SampleJudged says so.
  Fold(const Scenario& scenario, const Plan& plan);

  void add(const Event& event);
  void addUnreadableLine() { run_.unreadable_lines++; }

  // Of a run that goes on: calls may be kRunning. Judged when asked, and only those calls again of
  // which there is news.
  const std::vector<CallOutcome>& calls() const;
  CallCounts counts() const;
  Outcomes soFar() const;
  Outcomes finish() const;  // as if the run ended here

  std::optional<Instant> epoch() const { return epoch_; }  // absent: the run has not begun
  bool isOver() const { return !run_.finish_reason.empty(); }
  Duration lastStart() const;  // of the calls that are to be made, after the epoch

 private:
  void addRunEvent(const Event& event);
  void grow(const SampleJudged& look);
  CallOutcome outcomeOf(std::size_t call, const std::vector<FaultSpan>& faults) const;
  void judgeAllAnew() { has_news_.assign(has_news_.size(), true); }
  void diagnose(Outcomes& outcomes) const;

  std::vector<TurnArm> arms_;
  CallRules rules_;
  std::vector<PlannedCall> plan_;    // at its largest
  std::size_t planned_;              // so many of them are to be made
  std::vector<Duration> delays_;     // of those: how much later than the plan says they start
  std::vector<CallRecord> records_;  // by call id
  RunFacts run_;
  FaultRecord faults_;
  std::optional<Instant> epoch_;
  std::optional<Instant> last_;
  mutable std::vector<CallOutcome> judged_;  // of the planned
  mutable std::vector<bool> has_news_;       // since judged_ was made
};

}  // namespace turnout
