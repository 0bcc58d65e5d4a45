// Differences as a person reads them.
#pragma once

#include "orchestrator/results/compare/comparison.h"

#include <string>

namespace turnout {

std::string pointsText(double difference);            // "-20 points", "+0.5 points"
std::string pointsSizeText(double share);             // "14.4 points": without a sign
std::string pointsIntervalText(Interval difference);  // "-30.1 to -10"
std::string shiftText(double ms);                     // "+120 ms", "0 ms"
std::string shiftIntervalText(Interval ms);           // "-10 ms to +120 ms"
std::string pText(double p);                          // "0.042", "< 0.0001"

// How the candidate is called beside the others: its arm, with its run where there are several.
std::string nameOf(const ComparisonReport& report, const ArmComparison& comparison);

}  // namespace turnout
