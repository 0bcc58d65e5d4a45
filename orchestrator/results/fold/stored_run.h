// A run read back from its directory: scenario.json, events.jsonl. The plan is not read but made
// again from the scenario and the seed in the log, so a report cannot disagree with the plan.
#pragma once

#include "orchestrator/results/fold/outcome.h"
#include "pipelines/base/result.h"
#include "scenarios/scenario.h"

#include <string>

namespace turnout {

struct StoredRun {
  Scenario scenario;  // with the seed that was used
  Outcomes outcomes;
};

// Lines that cannot be read (a killed run leaves half a line) are counted, not fatal.
Result<StoredRun> readStoredRun(const std::string& directory);

}  // namespace turnout
