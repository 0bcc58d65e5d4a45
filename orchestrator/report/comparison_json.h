// A comparison for other programs. The keys are a contract, documented in docs/STATISTICS.md; the
// same runs give the same bytes. null: not reached, not bounded, or nothing to tell.
#pragma once

#include "orchestrator/results/compare/comparison.h"

#include <string>

namespace turnout {

std::string comparisonJson(const ComparisonReport& report);

}  // namespace turnout
