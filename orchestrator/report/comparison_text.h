// A comparison for the person who asked for it: plain text, 100 columns at most; last one sentence.
#pragma once

#include "orchestrator/results/compare/comparison.h"

#include <string>

namespace turnout {

std::string comparisonText(const ComparisonReport& report);

}  // namespace turnout
