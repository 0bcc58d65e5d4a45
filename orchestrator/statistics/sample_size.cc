#include "orchestrator/statistics/sample_size.h"

#include "orchestrator/statistics/normal.h"

#include <cmath>

namespace turnout {
namespace {

double callsNeeded(double p, double q, const TestSpec& spec) {
  const double mean = (p + q) / 2;
  const double root = zOfConfidence(1 - spec.alpha) * std::sqrt(2 * mean * (1 - mean)) +
                      normalQuantile(spec.power) * std::sqrt(p * (1 - p) + q * (1 - q));
  return std::pow(root / (p - q), 2);
}

}  // namespace

std::optional<int> callsPerArm(double rate, double other_rate, const TestSpec& spec) {
  const double calls = callsNeeded(rate, other_rate, spec);
  if (!(calls < 1e9))  // equal, or nearly so
    return std::nullopt;
  return static_cast<int>(std::ceil(calls));
}

std::optional<int> callsToDecide(double rate, double limit, double z) {
  const double calls = std::pow(z / (rate - limit), 2) * limit * (1 - limit);
  if (!(calls < 1e9) || calls <= 0)
    return std::nullopt;
  return static_cast<int>(std::ceil(calls));
}

std::optional<double> visibleDrop(double rate, int calls, const TestSpec& spec) {
  if (rate <= 0 || callsNeeded(rate, 0, spec) > calls)
    return std::nullopt;
  double seen = 0, unseen = rate;
  for (int halving = 0; halving < 50; halving++) {
    const double other = (seen + unseen) / 2;
    (callsNeeded(rate, other, spec) <= calls ? seen : unseen) = other;
  }
  return seen;
}

}  // namespace turnout
