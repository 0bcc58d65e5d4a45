#include "orchestrator/statistics/newcombe.h"

#include "orchestrator/statistics/normal.h"
#include "orchestrator/statistics/wilson.h"

#include <cmath>

namespace turnout {

Interval newcombe(Proportion a, Proportion b, double z) {
  if (a.trials <= 0 || b.trials <= 0)
    return {-1, 1};
  const double difference = b.rate() - a.rate();
  const Interval of_a = wilson(a, z), of_b = wilson(b, z);
  return {difference - std::hypot(b.rate() - of_b.low, of_a.high - a.rate()),
          difference + std::hypot(of_b.high - b.rate(), a.rate() - of_a.low)};
}

double newcombeP(Proportion a, Proportion b) {
  if (a.trials <= 0 || b.trials <= 0 || a.rate() == b.rate())
    return 1;
  // The interval grows with z; the z at which it meets zero lies between these.
  double outside = 0, inside = 38;  // beyond 38 the tail is no longer a double
  for (int halving = 0; halving < 60; halving++) {
    const double z = (outside + inside) / 2;
    (contains(newcombe(a, b, z), 0) ? inside : outside) = z;
  }
  return twoSidedP(inside);
}

}  // namespace turnout
