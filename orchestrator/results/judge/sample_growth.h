// A sample that grows until it can be judged ("extend" of a scenario): as many blocks again at each
// look, all arms alike, up to the largest. When to look depends on nothing that was seen, and each
// look is as strict as all looks together need (sequential_rule.h, docs/decisions/006). Pure.
#pragma once

#include "bots/timeline/event.h"
#include "orchestrator/results/fold/outcome.h"
#include "orchestrator/statistics/sequential_rule.h"
#include "scenarios/scenario.h"

namespace turnout {

// One look at so many calls an arm, all ended, with intervals of so many deviations.
SampleJudged judgeSample(const Scenario& scenario, const Outcomes& so_far, int calls_per_arm,
                         double deviations);

class SampleGrowth {
 public:
  // The scenario outlives it, and may grow.
  explicit SampleGrowth(const Scenario& scenario);

  // Every call planned so far has ended. Without the delay, which is the dispatcher's to know.
  SampleJudged look(const Outcomes& so_far);

 private:
  const Scenario& scenario_;
  SequentialRule rule_;
  int calls_per_arm_;
};

}  // namespace turnout
