// The interval of the difference of two independent proportions: Newcombe's hybrid score interval,
// made of the two Wilson intervals. It never leaves -1..1, and it says something at 0 and 100 %.
// R. G. Newcombe, Statistics in Medicine 17 (1998) 873-890, method 10.
//   d - sqrt((b - low_b)^2 + (high_a - a)^2) .. d + sqrt((high_b - b)^2 + (a - low_a)^2), d = b - a
#pragma once

#include "orchestrator/statistics/interval.h"
#include "orchestrator/statistics/proportion.h"

namespace turnout {

// Of rate(b) - rate(a), with z standard deviations to each side. No trials: -1..1.
Interval newcombe(Proportion a, Proportion b, double z);

// The test that belongs to the interval: the smallest two-sided level at which it leaves out zero.
// So p < 0.05 exactly when the whole 95 % interval is on one side. 1 without trials.
double newcombeP(Proportion a, Proportion b);

}  // namespace turnout
