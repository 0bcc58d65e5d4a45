#include "orchestrator/statistics/quantiles.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace turnout {

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

}  // namespace turnout
