#include "orchestrator/statistics/sample_size.h"

#include "orchestrator/statistics/interval.h"
#include "orchestrator/statistics/proportions.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace turnout {
namespace {

// Enough for Fisher's test, and so for a better one.
double callsForFisher(double p, double q, const TestSpec& spec) {
  const double mean = (p + q) / 2, difference = std::abs(p - q);
  const double root = zOfConfidence(1 - spec.alpha) * std::sqrt(2 * mean * (1 - mean)) +
                      normalQuantile(spec.power) * std::sqrt(p * (1 - p) + q * (1 - q));
  const double calls = std::pow(root / difference, 2);
  return calls / 4 * std::pow(1 + std::sqrt(1 + 4 / (calls * difference)), 2);
}

bool isSeen(double p, double q, int calls, const TestSpec& spec) {
  return RatePower(calls, spec.alpha).at(p, q) >= spec.power;
}

}  // namespace

std::optional<int> callsPerArm(double rate, double other_rate, const TestSpec& spec) {
  constexpr int kMost = RatePower::kMostTrials;
  const double enough = callsForFisher(rate, other_rate, spec);
  if (!(enough < 1e9))  // equal, or nearly so
    return std::nullopt;
  const int formula = static_cast<int>(std::ceil(enough));
  int seen = std::min(formula, kMost), unseen = seen / 2;
  while (seen < kMost && !isSeen(rate, other_rate, seen, spec))
    seen++;  // where a handful of calls is enough, the formula is rough
  if (seen == kMost && formula > kMost && !isSeen(rate, other_rate, seen, spec))
    return formula;
  while (seen - unseen > std::max(1, seen / 200)) {
    const int middle = (seen + unseen) / 2;
    (isSeen(rate, other_rate, middle, spec) ? seen : unseen) = middle;
  }
  return seen;
}

std::optional<double> visibleDrop(double rate, int calls, const TestSpec& spec) {
  if (rate <= 0 || calls <= 0)
    return std::nullopt;
  std::optional<RatePower> power;
  if (calls <= RatePower::kMostTrials)
    power.emplace(calls, spec.alpha);
  const auto isSeenAt = [&](double other) {
    return power ? power->at(rate, other) >= spec.power
                 : callsForFisher(rate, other, spec) <= calls;
  };
  if (!isSeenAt(0))
    return std::nullopt;
  double seen = 0, unseen = rate;
  for (int halving = 0; halving < 20; halving++) {
    const double other = (seen + unseen) / 2;
    (isSeenAt(other) ? seen : unseen) = other;
  }
  return seen;
}

std::optional<int> callsToDecide(double rate, double limit, double z) {
  const double calls = std::pow(z / (rate - limit), 2) * limit * (1 - limit);
  if (!(calls < 1e9) || calls <= 0)
    return std::nullopt;
  return static_cast<int>(std::ceil(calls));
}

std::vector<double> holm(const std::vector<double>& ps) {
  std::vector<std::size_t> order(ps.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return ps[a] < ps[b]; });
  std::vector<double> adjusted(ps.size());
  double so_far = 0;
  for (std::size_t rank = 0; rank < order.size(); rank++) {
    const double factor = static_cast<double>(order.size() - rank);
    so_far = std::max(so_far, std::min(1.0, factor * ps[order[rank]]));
    adjusted[order[rank]] = so_far;
  }
  return adjusted;
}

}  // namespace turnout
