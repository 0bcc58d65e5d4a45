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
    rank_ = std::clamp(std::ceil(spec.percentile / 100 * n - 1e-9), 1.0, n);
  }

  double next() {
    const auto n = static_cast<double>(sorted_.size());
    const double place = n * boost::math::ibeta_inv(rank_, n + 1 - rank_, random_.uniform());
    return sorted_[std::min(static_cast<std::size_t>(place), sorted_.size() - 1)];
  }

 private:
  std::vector<double> sorted_;
  Random random_;
  double rank_;
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
