// A comparison of runs as a person and as another program read it, and the answers of `turnout
// power`. docs/STATISTICS.md.
#pragma once

#include "orchestrator/results/compare/comparison.h"
#include "orchestrator/statistics/sample_size.h"

#include <string>

namespace turnout {

// For the person who asked for it: plain text; last one sentence.
std::string comparisonText(const ComparisonReport& report);

// The one sentence that somebody would say to a colleague.
std::string comparisonSentence(const ComparisonReport& report);

// For other programs. The keys are a contract, documented in docs/STATISTICS.md; the same runs give
// the same bytes. null: not reached, not bounded, or nothing to tell.
std::string comparisonJson(const ComparisonReport& report);

// How many calls it takes: the table of sample sizes, and the answers for one pair of rates.
std::string powerTable(const TestSpec& spec);
std::string callsSentence(double rate, double other_rate, const TestSpec& spec);
std::string dropSentence(double rate, int calls, const TestSpec& spec);

// Differences as a person reads them.
std::string pointsText(double difference);            // "-20 points", "+0.5 points"
std::string pointsSizeText(double share);             // "14.4 points": without a sign
std::string pointsIntervalText(Interval difference);  // "-30.1 to -10"
std::string shiftText(double ms);                     // "+120 ms", "0 ms"
std::string shiftIntervalText(Interval ms);           // "-10 ms to +120 ms"
std::string pText(double p);                          // "0.042", "< 0.0001"
// How the candidate is called beside the others: its arm, with its run where there are several.
std::string nameOf(const ComparisonReport& report, const ArmComparison& comparison);

}  // namespace turnout
