#include "orchestrator/statistics/quantiles.h"

#include "orchestrator/statistics/interval.h"
#include "pipelines/base/random.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/special_functions/beta.hpp>

namespace turnout {
namespace {

constexpr Interval kUnbounded{-std::numeric_limits<double>::infinity(),
                              std::numeric_limits<double>::infinity()};
constexpr double kSmallestTail = 1e-100;  // beyond it no quantile is finite in any useful sense

// Of the numbers from `from` on, below `end`: the first that is not below, if those that are come first.
template <class IsBelow>
int firstNot(int from, int end, IsBelow is_below) {
  while (from < end) {
    const int middle = from + (end - from) / 2;
    if (is_below(middle))
      from = middle + 1;
    else
      end = middle;
  }
  return from;
}

}  // namespace

Sample::Sample(std::vector<double> values) : sorted_(std::move(values)) {
  std::sort(sorted_.begin(), sorted_.end());
}

std::optional<double> Sample::percentile(double p) const {
  if (sorted_.empty())
    return std::nullopt;
  // The tolerance keeps 95 % of 20 at rank 19, whatever the last bit of the product says.
  const double rank = std::ceil(p / 100 * static_cast<double>(sorted_.size()) - 1e-9);
  const auto index = static_cast<std::size_t>(std::max(rank, 1.0)) - 1;
  return sorted_[std::min(index, sorted_.size() - 1)];
}

std::optional<double> Sample::mean() const {
  if (sorted_.empty())
    return std::nullopt;
  return std::accumulate(sorted_.begin(), sorted_.end(), 0.0) / static_cast<double>(size());
}

std::optional<double> Sample::min() const {
  return sorted_.empty() ? std::nullopt : std::optional(sorted_.front());
}
std::optional<double> Sample::max() const {
  return sorted_.empty() ? std::nullopt : std::optional(sorted_.back());
}

double Sample::shareUpTo(double value) const {
  if (sorted_.empty())
    return 0;
  const auto above = std::upper_bound(sorted_.begin(), sorted_.end(), value);
  return static_cast<double>(above - sorted_.begin()) / static_cast<double>(size());
}

Interval Sample::percentileInterval(double p, std::size_t independent, double z) const {
  const auto n = static_cast<int>(std::min(independent, size()));
  const double tail = normalTail(z);
  if (n == 0 || tail <= 0)
    return kUnbounded;
  const boost::math::binomial below(n, p / 100);  // how many values are below the percentile
  const int low = firstNot(0, n, [&](int rank) { return cdf(below, rank) <= tail; });
  const int high =
      firstNot(1, n + 1, [&](int rank) { return cdf(complement(below, rank - 1)) > tail; });
  const auto ranked = [&](int rank) { return *percentile(100.0 * rank / n); };
  return {low > 0 ? ranked(low) : kUnbounded.low, high <= n ? ranked(high) : kUnbounded.high};
}

Interval Sample::meanInterval(std::size_t independent, double z) const {
  const auto n = static_cast<double>(std::min(independent, size()));
  const double tail = normalTail(z);
  if (n < 2 || tail < kSmallestTail)
    return kUnbounded;
  const double centre = *mean();
  double squares = 0;
  for (const double value : sorted_)
    squares += (value - centre) * (value - centre);
  const double deviation = std::sqrt(squares / static_cast<double>(size() - 1) / n);
  const double half = quantile(complement(boost::math::students_t(n - 1), tail)) * deviation;
  return {centre - half, centre + half};
}

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
