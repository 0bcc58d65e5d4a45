// How sure is the difference of two percentiles? The percentile bootstrap: draw both samples anew
// from themselves, with replacement, many times; the interval is the middle of the differences
// seen. B. Efron, R. J. Tibshirani, An Introduction to the Bootstrap (1993), 13.3.
//
// Of a drawn sample only one order statistic is needed, and that is drawn directly: the k-th of n
// uniform numbers has the beta distribution (k, n + 1 - k) (H. A. David, H. N. Nagaraja, Order
// Statistics, 2.1), and so the place in the sample has known probabilities. Same distribution as
// drawing n values and sorting them, at a hundredth of the cost.
#pragma once

#include "orchestrator/statistics/interval.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace turnout {

struct BootstrapSpec {
  double percentile = 95;  // nearest rank, as in quantiles.h
  double confidence = 0.95;
  int resamples = 2000;
  std::uint64_t seed = 1;  // the same seed gives the same interval
};

// Of percentile(b) - percentile(a). Absent when a sample is empty.
std::optional<Interval> bootstrapDifference(std::vector<double> a, std::vector<double> b,
                                            const BootstrapSpec& spec);

}  // namespace turnout
