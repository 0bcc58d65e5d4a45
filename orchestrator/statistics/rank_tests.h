// Comparisons of two samples of times by their ranks: they hold whatever the times are like, and one
// very slow call weighs no more than a slow one.
#pragma once

#include "orchestrator/statistics/interval.h"

#include <optional>
#include <vector>

namespace turnout {

// By how much later is b than a? The median of all differences of one of b and one of a: robust,
// and in the unit of the sample. J. L. Hodges, E. L. Lehmann, Annals of Math. Statistics 34 (1963)
// 598-611. Its interval holds every shift that the rank sum test would not reject: L. E. Moses; see
// M. Hollander, D. A. Wolfe, Nonparametric Statistical Methods, 4.3.
//
// Of n m differences none is stored: the k-th smallest is found by bisection of its value, counting
// in two sorted samples, O((n + m) log(n + m) + 64 (n + m)). The rank sum's distribution is exact
// up to 50 on both sides (as in R, without correction for ties), and normal above.
struct Shift {
  double estimate = 0;
  Interval interval;  // infinite where samples are too small for the level
};

// Absent when a sample is empty. `confidence`: 0.95.
std::optional<Shift> hodgesLehmannShift(std::vector<double> a, std::vector<double> b,
                                        double confidence);

// Wilcoxon's signed rank test: are paired differences as often above zero as below, the large ones
// included? Differences of zero say nothing and are left out; equal ones share their mean rank.
// F. Wilcoxon, Biometrics Bulletin 1 (1945) 80-83. Up to 50 differences the distribution is exact,
// also with ties: all 2^n signs of the ranks as they are (E. L. Lehmann, Nonparametrics, 1975,
// 3.2). Above, it is the normal one with correction for ties and continuity, as in R.
struct SignedRank {
  int pairs = 0;        // that differ
  double rank_sum = 0;  // of the differences above zero
  double p = 1;         // two-sided
};

SignedRank wilcoxonSignedRank(std::vector<double> differences);

}  // namespace turnout
