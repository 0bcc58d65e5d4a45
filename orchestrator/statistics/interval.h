// A confidence interval: of a proportion, a difference or a time, in the unit of what it is about.
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

}  // namespace turnout
