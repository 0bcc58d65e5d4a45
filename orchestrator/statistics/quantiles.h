// Exact statistics of a sample: every value is kept, and a percentile is a value that was observed
// (nearest rank: the smallest x with at least p % of the sample <= x). No value in an empty sample.
#pragma once

#include <optional>
#include <vector>

namespace turnout {

class Sample {
 public:
  Sample() = default;
  explicit Sample(std::vector<double> values);  // any order

  std::size_t size() const { return sorted_.size(); }
  std::optional<double> percentile(double p) const;  // 0 < p <= 100
  std::optional<double> mean() const;
  std::optional<double> min() const;
  std::optional<double> max() const;

 private:
  std::vector<double> sorted_;
};

}  // namespace turnout
