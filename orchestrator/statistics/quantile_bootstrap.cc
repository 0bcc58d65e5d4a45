#include "orchestrator/statistics/quantile_bootstrap.h"

#include "orchestrator/statistics/quantiles.h"
#include "pipelines/base/random.h"

#include <algorithm>
#include <cmath>

#include <boost/math/special_functions/beta.hpp>

namespace turnout {
namespace {

// The percentile of samples drawn anew from one sample.
class Redraw {
 public:
  Redraw(std::vector<double> values, const BootstrapSpec& spec, std::uint64_t stream)
      : sorted_(std::move(values)), random_(spec.seed, stream) {
    std::sort(sorted_.begin(), sorted_.end());
    const auto n = static_cast<double>(sorted_.size());
    const double rank = std::clamp(std::ceil(spec.percentile / 100 * n - 1e-9), 1.0, n);
    // Beyond ten standard deviations of the rank (binomial, at most n/4) nothing is ever drawn.
    const double reach = 10 * std::sqrt(rank * (n + 1 - rank) / n) + 10;
    first_ = static_cast<std::size_t>(std::max(0.0, rank - reach));
    const auto end = static_cast<std::size_t>(std::min(n, rank + reach));
    for (std::size_t place = first_; place < end; place++)
      up_to_.push_back(boost::math::ibeta(rank, n + 1 - rank, static_cast<double>(place + 1) / n));
  }

  double next() {
    const auto drawn = std::lower_bound(up_to_.begin(), up_to_.end() - 1, random_.uniform());
    return sorted_[first_ + static_cast<std::size_t>(drawn - up_to_.begin())];
  }

 private:
  std::vector<double> sorted_;
  Random random_;
  std::size_t first_ = 0;      // place of the first value that can be drawn
  std::vector<double> up_to_;  // the probability that it is this one or one before
};

}  // namespace

std::optional<Interval> bootstrapDifference(std::vector<double> a, std::vector<double> b,
                                            const BootstrapSpec& spec) {
  if (a.empty() || b.empty())
    return std::nullopt;
  Redraw of_a(std::move(a), spec, 0), of_b(std::move(b), spec, 1);
  std::vector<double> differences(static_cast<std::size_t>(spec.resamples));
  for (double& difference : differences)
    difference = of_b.next() - of_a.next();
  const Sample seen(std::move(differences));
  const double tail = 100 * (1 - spec.confidence) / 2;
  return Interval{*seen.percentile(tail), *seen.percentile(100 - tail)};
}

}  // namespace turnout
