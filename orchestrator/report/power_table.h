// How many calls it takes: the table of sample sizes, and the answers for one pair of rates.
#pragma once

#include "orchestrator/statistics/sample_size.h"

#include <string>

namespace turnout {

std::string powerTable(const TestSpec& spec);
std::string callsSentence(double rate, double other_rate, const TestSpec& spec);
std::string dropSentence(double rate, int calls, const TestSpec& spec);

}  // namespace turnout
