// The Wilson score interval of a proportion: honest for small n and for rates near 0 and 1, where
// the textbook interval is not. E. B. Wilson, JASA 22 (1927) 209-212.
//   (r + z^2/2n +- z sqrt(r(1-r)/n + z^2/4n^2)) / (1 + z^2/n)
#pragma once

#include "orchestrator/statistics/interval.h"
#include "orchestrator/statistics/proportion.h"

namespace turnout {

// Two-sided, with z standard deviations to each side. No trials say nothing: 0..1.
Interval wilson(Proportion observed, double z);

Interval wilson95(int successes, int trials);

// The same of a rate that rests on fewer independent trials than values, or on a fraction of one.
Interval wilson(double rate, double trials, double z);

}  // namespace turnout
