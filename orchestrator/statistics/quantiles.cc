#include "orchestrator/statistics/quantiles.h"

#include "orchestrator/statistics/normal.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/students_t.hpp>

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

}  // namespace turnout
