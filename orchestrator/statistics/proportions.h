// Success rates: the interval of one, the interval of the difference of two, and the tests whether
// two differ. All hold for few calls and for rates near 0 and 1, where the textbook formulas fail.
// docs/STATISTICS.md says which is used for what.
#pragma once

#include "orchestrator/statistics/interval.h"

#include <cstddef>
#include <vector>

namespace turnout {

// How many of how many: the calls that succeeded, of those that finished.
struct Proportion {
  int successes = 0, trials = 0;  // 0 <= successes <= trials

  double rate() const { return trials > 0 ? static_cast<double>(successes) / trials : 0; }
  int failures() const { return trials - successes; }
};

// The Wilson score interval of a proportion, two-sided, with z standard deviations to each side.
// No trials say nothing: 0..1. E. B. Wilson, JASA 22 (1927) 209-212.
//   (r + z^2/2n +- z sqrt(r(1-r)/n + z^2/4n^2)) / (1 + z^2/n)
Interval wilson(Proportion observed, double z);
Interval wilson95(int successes, int trials);
// The same of a rate that rests on fewer independent trials than values, or on a fraction of one.
Interval wilson(double rate, double trials, double z);

// The interval of a sum of independent proportions, each with its weight, with z standard deviations to each
// side: Wilson's intervals of all, squared and added, as Newcombe does with two (below). G. Y. Zou, W. Huang,
// X. Zhang, Computational Statistics & Data Analysis 53 (2009) 1080-1085. For weights that sum to 1.
struct Stratum {
  double weight = 0;
  Proportion seen;
};
Interval weightedWilson(const std::vector<Stratum>& strata, double z);

// The interval of rate(b) - rate(a), of two independent proportions, with z standard deviations to
// each side: Newcombe's hybrid score interval, made of the two Wilson intervals. It never leaves
// -1..1, and it says something at 0 and 100 %. No trials: -1..1.
// R. G. Newcombe, Statistics in Medicine 17 (1998) 873-890, method 10.
//   d - sqrt((b - low_b)^2 + (high_a - a)^2) .. d + sqrt((high_b - b)^2 + (a - low_a)^2), d = b - a
Interval newcombe(Proportion a, Proportion b, double z);

// The test that belongs to that interval: the smallest two-sided level at which it leaves out zero.
// So p < 0.05 exactly when the whole 95 % interval is on one side. 1 without trials.
double newcombeP(Proportion a, Proportion b);

// Fisher's exact test of two proportions: with the margins as they are, how probable is a table at
// most as probable as this one? Two-sided in the sense of Irwin (as in R's fisher.test). 1 without
// trials. R. A. Fisher, J. Royal Statistical Society 98 (1935) 39-82. It is conservative: at a 5 %
// level it raises false alarms in less than 3.5 % of cases.
double fisherExact(Proportion a, Proportion b);

// The test of two independent rates at one size of both samples: R. D. Boschloo's, Statistica
// Neerlandica 24 (1970) 1-35. Fisher's p is only the order of the outcomes; p is the probability of
// an outcome at least as far out, at the common rate at which that is most probable. So false
// alarms are at most the level at every size, as with Fisher, and much nearer to it. Where it
// cannot matter (p below 1e-7 or above 0.3), and above kLargest outcomes, p is Fisher's.
class RateTest {
 public:
  static constexpr int kLargest = 1'002'001;  // (trials of a + 1) (trials of b + 1): 1000 and 1000

  RateTest(int trials_a, int trials_b);  // both above 0

  double p(int successes_a, int successes_b) const;

 private:
  friend class RatePower;
  struct Outcome {
    double distance;  // Fisher's p
    int a, b;         // successes
  };
  template <class Visit>
  void atEachCommonRate(Visit visit) const;
  std::size_t countWithin(double alpha) const;

  int trials_a_, trials_b_;
  std::vector<Outcome> outcomes_;  // farthest first, beyond the two limits left out
  std::vector<Outcome> farther_;   // in no order
};

// Two rates compared as it is told to people: what is said of the interval is never against what
// is said of the test.
struct RateComparison {
  double p = 1;  // the larger one of RateTest's and newcombeP(): below alpha only if both are
  Interval interval{-1, 1};  // Newcombe's of 1 - alpha, let out to zero where p is not below alpha
};
RateComparison compareRates(Proportion a, Proportion b, double alpha);

// How often compareRates() finds p below alpha, for so many trials on both sides. Summed up over
// all outcomes, so not for many trials.
class RatePower {
 public:
  static constexpr int kMostTrials = 500;  // not to keep anybody waiting

  RatePower(int trials, double alpha);

  double at(double rate_a, double rate_b) const;  // the true rates

 private:
  int trials_;
  std::vector<RateTest::Outcome> shown_;  // outcomes
};

// McNemar's test of paired successes: of the pairs of which only one succeeded, was it as often the
// one as the other? Exact, from the binomial distribution with one half, two-sided. 1 when no pair
// differs. Q. McNemar, Psychometrika 12 (1947) 153-157; exact form: F. Mosteller, Biometrics 8
// (1952) 220-226.
double mcnemarExact(int only_first, int only_second);

}  // namespace turnout
