// Exact statistics of a sample: every value is kept, and a percentile is a value that was observed
// (nearest rank: the smallest x with at least p % of the sample <= x). No value in an empty sample.
#pragma once

#include "orchestrator/statistics/interval.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace turnout {

class Sample {
 public:
  Sample() = default;
  explicit Sample(std::vector<double> values);  // any order

  std::size_t size() const { return sorted_.size(); }
  const std::vector<double>& values() const { return sorted_; }  // ascending
  std::optional<double> percentile(double p) const;              // 0 < p <= 100
  std::optional<double> mean() const;
  std::optional<double> min() const;
  std::optional<double> max() const;
  double shareUpTo(double value) const;  // 0 of an empty sample

  // Intervals of z standard deviations to each side, of what the sample is of. Its values may come
  // in groups that stand and fall together: `independent` is how many groups there are, and no more
  // than so many values are counted. Infinite where so few say nothing.
  //   percentile: from one order statistic to another, by the binomial distribution, which holds
  //               whatever the values are like (H. A. David, H. N. Nagaraja, Order Statistics, 7.1)
  //   mean:       by Student's distribution; an approximation where few values are skewed
  Interval percentileInterval(double p, std::size_t independent, double z) const;
  Interval meanInterval(std::size_t independent, double z) const;

 private:
  std::vector<double> sorted_;
};

// How sure is the difference of two percentiles? The percentile bootstrap: draw both samples anew
// from themselves, with replacement, many times; the interval is the middle of the differences
// seen. B. Efron, R. J. Tibshirani, An Introduction to the Bootstrap (1993), 13.3.
//
// Of a drawn sample only one order statistic is needed, and that is drawn directly: the k-th of n
// uniform numbers has the beta distribution (k, n + 1 - k) (H. A. David, H. N. Nagaraja, Order
// Statistics, 2.1), and so the place in the sample has known probabilities. Same distribution as
// drawing n values and sorting them, at a hundredth of the cost.
struct BootstrapSpec {
  double percentile = 95;  // nearest rank, as of a Sample
  double confidence = 0.95;
  int resamples = 2000;
  std::uint64_t seed = 1;  // the same seed gives the same interval
};

// Of percentile(b) - percentile(a). Absent when a sample is empty.
std::optional<Interval> bootstrapDifference(std::vector<double> a, std::vector<double> b,
                                            const BootstrapSpec& spec);

}  // namespace turnout
