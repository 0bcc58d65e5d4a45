#include "orchestrator/statistics/wilson.h"

#include <algorithm>
#include <cmath>

namespace turnout {

Interval wilson(Proportion observed, double z) {
  if (observed.trials <= 0)
    return {};
  const double n = observed.trials;
  const double rate = observed.rate();
  const double shrink = 1 + z * z / n;
  const double centre = (rate + z * z / (2 * n)) / shrink;
  const double half = z * std::sqrt(rate * (1 - rate) / n + z * z / (4 * n * n)) / shrink;
  return {observed.successes == 0 ? 0.0 : std::max(0.0, centre - half),
          observed.failures() == 0 ? 1.0 : std::min(1.0, centre + half)};
}

Interval wilson95(int successes, int trials) {
  constexpr double kZ = 1.959963984540054;  // standard normal quantile of 0.975
  return wilson({successes, trials}, kZ);
}

}  // namespace turnout
