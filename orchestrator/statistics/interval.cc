#include "orchestrator/statistics/interval.h"

#include <cmath>

#include <boost/math/distributions/normal.hpp>

namespace turnout {

Decision decide(Interval interval, double limit, GoodSide good) {
  const bool above = good == GoodSide::kAbove;
  if (above ? interval.low >= limit : interval.high <= limit)
    return Decision::kGood;
  if (above ? interval.high < limit : interval.low > limit)
    return Decision::kBad;
  return Decision::kOpen;
}

namespace {

const boost::math::normal& standard() {
  static const boost::math::normal distribution;
  return distribution;
}

}  // namespace

double normalQuantile(double p) {
  return quantile(standard(), p);
}

double normalTail(double z) {
  return std::isinf(z) ? (z > 0 ? 0 : 1) : cdf(complement(standard(), z));
}

double normalDensity(double z) {
  return pdf(standard(), z);
}

double zOfConfidence(double level) {
  return quantile(complement(standard(), (1 - level) / 2));
}

double twoSidedP(double z) {
  return 2 * normalTail(std::abs(z));
}

}  // namespace turnout
