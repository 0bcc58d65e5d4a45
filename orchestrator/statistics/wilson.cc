#include "orchestrator/statistics/wilson.h"

#include <algorithm>
#include <cmath>

namespace turnout {

Interval wilson95(int successes, int trials) {
  if (trials <= 0)
    return {};
  constexpr double kZ = 1.959963984540054;  // standard normal quantile of 0.975
  const double n = trials;
  const double rate = successes / n;
  const double shrink = 1 + kZ * kZ / n;
  const double centre = (rate + kZ * kZ / (2 * n)) / shrink;
  const double half = kZ * std::sqrt(rate * (1 - rate) / n + kZ * kZ / (4 * n * n)) / shrink;
  return {successes == 0 ? 0.0 : std::max(0.0, centre - half),
          successes == trials ? 1.0 : std::min(1.0, centre + half)};
}

}  // namespace turnout
