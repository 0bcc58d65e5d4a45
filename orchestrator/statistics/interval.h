// A confidence interval of a proportion, a difference or a time, in the unit of what it is about; and
// what an interval decides about a limit, in three states: what is not proved either way stays open.
#pragma once

#include <limits>

namespace turnout {

constexpr double kInfinite = std::numeric_limits<double>::infinity();

struct Interval {
  double low = 0, high = 1;  // the default says nothing about a proportion
};

inline bool contains(Interval interval, double value) {
  return interval.low <= value && value <= interval.high;
}

enum class GoodSide { kAbove, kBelow };
enum class Decision {
  kGood,  // the whole interval is on the good side; the limit itself is good
  kBad,   // the whole interval is on the bad side
  kOpen,  // the limit is inside
};

Decision decide(Interval interval, double limit, GoodSide good);

// The standard normal distribution, from Boost.Math.
double normalQuantile(double p);     // 0 < p < 1
double normalTail(double z);         // P(Z > z)
double normalDensity(double z);      // at z
double zOfConfidence(double level);  // 0.95 -> 1.959964: both tails are left out
double twoSidedP(double z);          // P(|Z| > |z|)

}  // namespace turnout
