// How many calls does a comparison of two success rates need? Two-sided test of level alpha, both
// arms as large. J. L. Fleiss, Statistical Methods for Rates and Proportions (1981), 3.14, without
// continuity correction, r the mean of the two rates:
//   n = (z(alpha/2) sqrt(2 r (1-r)) + z(1-power) sqrt(p(1-p) + q(1-q)))^2 / (p - q)^2
// It fits the test of newcombe.h, whose power at n, summed up exactly, is 80 to 83 % for the power
// of 80 % (checked by a test).
#pragma once

#include <optional>

namespace turnout {

struct TestSpec {
  double alpha = 0.05;  // two-sided
  double power = 0.80;  // how often the difference, when it is there, shall be seen
};

// Absent when the rates are equal: no number is enough.
std::optional<int> callsPerArm(double rate, double other_rate, const TestSpec& spec);

// The largest rate below `rate` that `calls` an arm tell from it; absent: not even 0 %.
std::optional<double> visibleDrop(double rate, int calls, const TestSpec& spec);

// How many calls put the whole Wilson interval of z standard deviations on one side of the limit,
// when all go as the first: n = z^2 limit (1 - limit) / (rate - limit)^2. Absent: no number does.
std::optional<int> callsToDecide(double rate, double limit, double z);

}  // namespace turnout
