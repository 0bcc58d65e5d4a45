// Fold: events in, outcomes out. Pure and incremental. What it needs of memory follows the calls of
// which there are events, not the plan, whose calls may be a million. The order in which events are added does not
// matter, duplicates count once, and a log may end anywhere: what did not end is "aborted" and is
// never guessed to be a failure or a success.
#pragma once

#include "bots/timeline/event.h"
#include "orchestrator/results/fold/call_record.h"
#include "orchestrator/results/fold/outcome.h"
#include "orchestrator/results/fold/step_outcome.h"
#include "scenarios/plan.h"
#include "scenarios/scenario.h"

#include <functional>
#include <memory>
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
  Fold(const Scenario& scenario, Plan plan);

  void add(const Event& event);
  void addUnreadableLine() { run_.unreadable_lines++; }

  // Of a run that goes on: calls may be kRunning. Judged when asked, and only those calls again of
  // which there is news. `visit`: for each call of which there are events, in order of the plan.
  void eachCall(const std::function<void(const CallOutcome&)>& visit) const;
  CallCounts counts() const;
  std::vector<int> untold() const;  // as Outcomes::untold
  Outcomes soFar() const;
  Outcomes finish() const;  // as if the run ended here

  std::optional<Instant> epoch() const { return epoch_; }  // absent: the run has not begun
  bool isOver() const { return !run_.finish_reason.empty(); }
  Duration lastStart() const;  // of the calls that are to be made, after the epoch

 private:
  struct Call {
    CallRecord record{};
    bool has_news = true;  // since it was judged
    CallOutcome judged{};
  };

  bool addToCall(std::size_t id, const Event& event);
  void addRunEvent(const Event& event);
  void grow(const SampleJudged& look);
  CallOutcome outcomeOf(std::size_t call, const CallRecord& record,
                        const std::vector<FaultSpan>& faults) const;
  std::vector<FaultSpan> faultsOf(const PlannedCall& call,
                                  const std::vector<FaultSpan>& faults) const;
  void judgeAllAnew();
  void diagnose(Outcomes& outcomes) const;

  std::vector<TurnArm> arms_;
  std::optional<Networks> networks_;
  CallRules rules_;
  std::vector<PlannedCall> plan_;             // at its largest
  std::size_t planned_;                       // so many of them are to be made
  std::vector<Duration> delays_;              // of those: how much later than the plan they start
  std::vector<std::unique_ptr<Call>> calls_;  // by call id; null: no event of it
  RunFacts run_;
  FaultRecord faults_;
  std::optional<Instant> epoch_;
  std::optional<Instant> last_;
};

}  // namespace turnout
