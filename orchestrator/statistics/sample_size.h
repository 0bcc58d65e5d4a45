// How many calls a comparison of two success rates needs, what so many calls can tell, and the
// adjustment for several comparisons at once.
#pragma once

#include <optional>
#include <vector>

namespace turnout {

struct TestSpec {
  double alpha = 0.05;  // two-sided
  double power = 0.80;  // how often the difference, when it is there, shall be seen
};

// Calls on each side so that compareRates() shows the difference with that power. Its power is
// summed up over all outcomes as long as that is quick (RateTest). For more calls, where Fisher's
// test decides: J. L. Fleiss, Statistical Methods for Rates and Proportions (1981), 3.15, with
// continuity correction; r is the mean of the two rates, d their difference:
//   n0 = (z(alpha/2) sqrt(2 r (1-r)) + z(1-power) sqrt(p(1-p) + q(1-q)))^2 / d^2
//   n  = n0/4 (1 + sqrt(1 + 4/(n0 d)))^2
// Absent when the rates are equal: no number is enough.
std::optional<int> callsPerArm(double rate, double other_rate, const TestSpec& spec);

// The largest rate below `rate` that `calls` an arm tell from it; absent: not even 0 %.
std::optional<double> visibleDrop(double rate, int calls, const TestSpec& spec);

// How many calls put the whole Wilson interval of z standard deviations on one side of the limit,
// when all go as the first: n = z^2 limit (1 - limit) / (rate - limit)^2. Absent: no number does.
std::optional<int> callsToDecide(double rate, double limit, double z);

// Many comparisons, one promise: with all of them together, a false "different" comes in at most
// alpha of the cases. Each p is adjusted so that it may be compared to alpha itself.
// S. Holm, Scandinavian Journal of Statistics 6 (1979) 65-70; needs no independence.
//   adjusted(i) = max over j <= i of min(1, (m - j + 1) p(j)), p(1) the smallest of m
std::vector<double> holm(const std::vector<double>& ps);  // adjusted, in the same order

}  // namespace turnout
