// Wilcoxon's signed rank test: are paired differences as often above zero as below, the large ones
// included? Differences of zero say nothing and are left out; equal ones share their mean rank.
// F. Wilcoxon, Biometrics Bulletin 1 (1945) 80-83. Up to 50 differences the distribution is exact,
// also with ties: all 2^n signs of the ranks as they are (E. L. Lehmann, Nonparametrics, 1975,
// 3.2). Above, it is the normal one with correction for ties and continuity, as in R.
#pragma once

#include <vector>

namespace turnout {

struct SignedRank {
  int pairs = 0;        // that differ
  double rank_sum = 0;  // of the differences above zero
  double p = 1;         // two-sided
};

SignedRank wilcoxonSignedRank(std::vector<double> differences);

}  // namespace turnout
