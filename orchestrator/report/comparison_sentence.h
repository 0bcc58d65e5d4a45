// A comparison in the one sentence that somebody would say to a colleague.
#pragma once

#include "orchestrator/results/compare/comparison.h"

#include <string>

namespace turnout {

std::string comparisonSentence(const ComparisonReport& report);

}  // namespace turnout
