#include "orchestrator/statistics/wilson.h"

#include <algorithm>
#include <cmath>

namespace turnout {

Interval wilson(Proportion observed, double z) {
  return wilson(observed.rate(), observed.trials, z);
}

Interval wilson(double rate, double n, double z) {
  if (n <= 0)
    return {};
  const double shrink = 1 + z * z / n;
  const double centre = (rate + z * z / (2 * n)) / shrink;
  const double half = z * std::sqrt(rate * (1 - rate) / n + z * z / (4 * n * n)) / shrink;
  return {rate <= 0 ? 0.0 : std::max(0.0, centre - half),
          rate >= 1 ? 1.0 : std::min(1.0, centre + half)};
}

Interval wilson95(int successes, int trials) {
  constexpr double kZ = 1.959963984540054;  // standard normal quantile of 0.975
  return wilson({successes, trials}, kZ);
}

}  // namespace turnout
