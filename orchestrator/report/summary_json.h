// summary.json: every number of a run for other programs. The keys are a contract, documented in
// docs/MEASURES.md; the same run gives the same bytes. null: not measured, or never reached.
#pragma once

#include "orchestrator/results/fold/summary.h"
#include "orchestrator/results/judge/verdict.h"

#include <string>

namespace turnout {

std::string summaryJson(const Summary& summary, const Verdict& verdict);

}  // namespace turnout
