// A run with its numbers and its judgement: all that any report is made from.
#pragma once

#include "orchestrator/results/fold/stored_run.h"
#include "orchestrator/results/fold/summary.h"
#include "orchestrator/results/judge/verdict.h"

#include <string>

namespace turnout {

struct JudgedRun {
  Scenario scenario;
  Outcomes outcomes;  // call by call
  Summary summary;
  Verdict verdict;
};

JudgedRun judged(StoredRun run);
Result<JudgedRun> judgeStoredRun(const std::string& directory);

// What a judgement was made on. `turn` as in Judgement: empty for all calls pooled.
const Cell& cellOf(const Summary& summary, const std::string& turn);

}  // namespace turnout
