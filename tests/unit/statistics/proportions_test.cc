#include "orchestrator/statistics/proportions.h"

#include "orchestrator/statistics/interval.h"
#include "orchestrator/statistics/sample_size.h"

#include <cmath>

#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/hypergeometric.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const double kProportionsZ95 = zOfConfidence(0.95);

TEST(Normal, QuantilesAndTailsBelongTogether) {
  EXPECT_NEAR(kProportionsZ95, 1.959963985, 1e-9);
  EXPECT_NEAR(normalQuantile(0.8), 0.841621234, 1e-9);
  EXPECT_NEAR(twoSidedP(-1.959963985), 0.05, 1e-9);
  EXPECT_EQ(normalTail(HUGE_VAL), 0);
}

TEST(WeightedWilson, OfOneStratumIsWilsons) {
  const Interval one = weightedWilson({{1, {7, 10}}}, 1.96), plain = wilson({7, 10}, 1.96);
  EXPECT_NEAR(one.low, plain.low, 1e-12);
  EXPECT_NEAR(one.high, plain.high, 1e-12);
}

TEST(WeightedWilson, OfManyStrataIsNarrowerThanOfTheWidest) {
  const Interval two = weightedWilson({{0.5, {3, 3}}, {0.5, {3, 3}}}, 1.96);
  const Interval each = wilson({3, 3}, 1.96);
  EXPECT_EQ(two.high, 1);
  EXPECT_NEAR(1 - two.low, (1 - each.low) / std::sqrt(2.0), 1e-12);
  const Interval sure = weightedWilson({{0.25, {0, 1000}}, {0.75, {1000, 1000}}}, 1.96);
  EXPECT_LT(sure.low, 0.75);
  EXPECT_GT(sure.high, 0.75);
  EXPECT_LT(sure.high - sure.low, 0.01);
}

TEST(Newcombe, AgreesWithTheTableOfThePaper) {
  struct Row {
    Proportion a, b;
    double low, high;  // of rate(a) - rate(b), as printed
  };
  // Statistics in Medicine 17 (1998) 873-890, table II, method 10.
  const Row rows[] = {
      {{56, 70}, {48, 80}, 0.0524, 0.3339}, {{9, 10}, {3, 10}, 0.1705, 0.8090},
      {{6, 7}, {2, 7}, 0.0582, 0.8062},     {{5, 56}, {0, 29}, -0.0381, 0.1926},
      {{0, 10}, {0, 20}, -0.1611, 0.2775},  {{0, 10}, {0, 10}, -0.2775, 0.2775},
      {{10, 10}, {0, 20}, 0.6791, 1},       {{10, 10}, {0, 10}, 0.6075, 1},
  };
  for (const Row& row : rows) {
    const Interval interval = newcombe(row.b, row.a, kProportionsZ95);
    EXPECT_NEAR(interval.low, row.low, 5.1e-5) << row.a.successes << " of " << row.a.trials;
    EXPECT_NEAR(interval.high, row.high, 5.1e-5) << row.a.successes << " of " << row.a.trials;
  }
}

TEST(Newcombe, SwappingTheArmsTurnsTheIntervalRound) {
  const Interval there = newcombe({19, 20}, {30, 41}, kProportionsZ95);
  const Interval back = newcombe({30, 41}, {19, 20}, kProportionsZ95);
  EXPECT_DOUBLE_EQ(there.low, -back.high);
  EXPECT_DOUBLE_EQ(there.high, -back.low);
}

TEST(Newcombe, NoTrialsSayNothing) {
  EXPECT_EQ(newcombe({0, 0}, {5, 5}, kProportionsZ95).low, -1);
  EXPECT_EQ(newcombe({0, 0}, {5, 5}, kProportionsZ95).high, 1);
  EXPECT_EQ(newcombeP({0, 0}, {5, 5}), 1);
  EXPECT_EQ(newcombeP({5, 5}, {9, 9}), 1) << "equal rates";
}

TEST(Newcombe, ThePIsTheLevelAtWhichTheIntervalLeavesOutZero) {
  for (const Proportion b : {Proportion{75, 100}, {85, 100}, {93, 100}, {100, 100}}) {
    const double p = newcombeP({95, 100}, b);
    const double z = zOfConfidence(1 - p);
    EXPECT_FALSE(contains(newcombe({95, 100}, b, z - 1e-6), 0)) << b.successes;
    EXPECT_TRUE(contains(newcombe({95, 100}, b, z + 1e-6), 0)) << b.successes;
    EXPECT_NEAR(p, newcombeP(b, {95, 100}), 1e-12) << "two-sided";
  }
  EXPECT_LT(newcombeP({100'000, 100'000}, {0, 100'000}), 1e-300);
}

TEST(Fisher, AgreesWithPublishedTables) {
  // The lady tasting tea (Fisher 1935); convictions of twins and job satisfaction as in the help of
  // R's fisher.test; the last three counted with whole numbers.
  EXPECT_NEAR(fisherExact({3, 4}, {1, 4}), 0.4857142857, 1e-10);
  EXPECT_NEAR(fisherExact({2, 12}, {15, 18}), 0.0005367241, 1e-10);
  EXPECT_NEAR(fisherExact({10, 12}, {2, 17}), 0.0002961504, 1e-10);
  EXPECT_NEAR(fisherExact({95, 100}, {75, 100}), 0.0001041683, 1e-10);
  EXPECT_NEAR(fisherExact({19, 20}, {15, 20}), 0.1817641818, 1e-10);
  EXPECT_NEAR(fisherExact({10, 10}, {6, 10}), 0.0866873065, 1e-10);
}

TEST(Fisher, AgreesWithTheHypergeometricDistributionOfBoost) {
  for (const Proportion a : {Proportion{0, 30}, {7, 30}, {29, 30}, {30, 30}}) {
    const Proportion b{41, 50};
    const boost::math::hypergeometric_distribution<> margins(
        static_cast<unsigned>(a.successes + b.successes), static_cast<unsigned>(a.trials),
        static_cast<unsigned>(a.trials + b.trials));
    const auto [least, most] = support(margins);
    const double observed = pdf(margins, static_cast<unsigned>(a.successes));
    double sum = 0;
    for (unsigned x = least; x <= most; x++)
      sum += pdf(margins, x) <= observed * (1 + 1e-7) ? pdf(margins, x) : 0;
    EXPECT_NEAR(fisherExact(a, b), sum, 1e-10 * sum) << a.successes;
  }
}

TEST(Fisher, DoesNotCareWhichArmOrOutcomeComesFirst) {
  const double p = fisherExact({19, 20}, {30, 41});
  EXPECT_NEAR(fisherExact({30, 41}, {19, 20}), p, 1e-12);
  EXPECT_NEAR(fisherExact({1, 20}, {11, 41}), p, 1e-12);
}

TEST(Fisher, NothingToTellIsOne) {
  EXPECT_EQ(fisherExact({0, 0}, {3, 5}), 1);
  EXPECT_EQ(fisherExact({0, 5}, {0, 9}), 1);
  EXPECT_EQ(fisherExact({5, 5}, {9, 9}), 1);
  EXPECT_EQ(fisherExact({1, 1}, {0, 1}), 1);
}

TEST(Fisher, LargeArmsApproachTheNormalTest) {
  const Proportion a{95'000, 100'000}, b{94'800, 100'000};
  const double pooled = 0.949, z = 0.002 / std::sqrt(pooled * (1 - pooled) * 2 / 100'000);
  EXPECT_NEAR(fisherExact(a, b), twoSidedP(z), 0.002);
  EXPECT_EQ(fisherExact({100'000, 100'000}, {0, 100'000}), 0) << "below the smallest double";
}

// The probability of each p of the test, at one true rate of both arms.
double falseAlarms(int trials_a, int trials_b, double rate, double alpha) {
  const RateTest test(trials_a, trials_b);
  const boost::math::binomial a(trials_a, rate), b(trials_b, rate);
  double alarms = 0;
  for (int x = 0; x <= trials_a; x++) {
    for (int y = 0; y <= trials_b; y++)
      alarms += test.p(x, y) < alpha ? pdf(a, x) * pdf(b, y) : 0;
  }
  return alarms;
}

TEST(RateTest, AlarmsFalselyInAtMostItsLevelAtEverySizeAndRate) {
  for (const auto& [n, m] : {std::pair{4, 4}, {4, 9}, {8, 8}, {20, 20}, {30, 17}}) {
    double most = 0;
    for (double rate = 0.015; rate < 1; rate += 0.03)
      most = std::max(most, falseAlarms(n, m, rate, 0.05));
    EXPECT_LE(most, 0.05) << n << " and " << m;
    EXPECT_GT(most, 0.007) << "a test that never alarms is not tested";
  }
}

TEST(RateTest, IsNeverWeakerThanFishers) {
  const RateTest test(12, 15);
  int stronger = 0;
  for (int x = 0; x <= 12; x++) {
    for (int y = 0; y <= 15; y++) {
      EXPECT_LE(test.p(x, y), fisherExact({x, 12}, {y, 15}) + 1e-12);
      stronger += test.p(x, y) < 0.8 * fisherExact({x, 12}, {y, 15}) ? 1 : 0;
    }
  }
  EXPECT_GT(stronger, 20);
}

// 4 of 4 against 0 of 4: most probable at one half, and then 2 of 2^8.
TEST(RateTest, SumsUpTheOutcomesAtTheWorstRate) {
  EXPECT_NEAR(RateTest(4, 4).p(4, 0), 2.0 / 256, 1e-4);
  EXPECT_NEAR(RateTest(4, 4).p(0, 4), 2.0 / 256, 1e-4);
  EXPECT_EQ(RateTest(5, 9).p(5, 9), 1);
  EXPECT_EQ(RateTest(2000, 2000).p(1900, 1800), fisherExact({1900, 2000}, {1800, 2000}))
      << "too many outcomes to sum up";
}

TEST(CompareRates, TheIntervalLeavesOutZeroExactlyWhenTheTestShowsADifference) {
  for (int y = 0; y <= 12; y++) {
    const RateComparison compared = compareRates({11, 12}, {y, 12}, 0.05);
    EXPECT_EQ(compared.p < 0.05, !contains(compared.interval, 0)) << y;
    EXPECT_GE(compared.p, newcombeP({11, 12}, {y, 12})) << y;
  }
  EXPECT_EQ(compareRates({0, 0}, {3, 3}, 0.05).p, 1);
}

TEST(Holm, AdjustsStepByStep) {
  EXPECT_THAT(holm({0.01, 0.04, 0.03, 0.005}),
              ElementsAre(DoubleNear(0.03, 1e-12), DoubleNear(0.06, 1e-12), DoubleNear(0.06, 1e-12),
                          DoubleNear(0.02, 1e-12)));
  EXPECT_THAT(holm({0.5, 0.9}), ElementsAre(1, 1));
  EXPECT_THAT(holm({0.04}), ElementsAre(0.04)) << "one comparison is not adjusted";
  EXPECT_THAT(holm({}), IsEmpty());
}

TEST(McNemar, CountsOnlyPairsThatDiffer) {
  EXPECT_NEAR(mcnemarExact(86, 150), 3.715936e-5, 1e-11);  // A. Agresti, 1990, approval ratings
  EXPECT_DOUBLE_EQ(mcnemarExact(150, 86), mcnemarExact(86, 150));
  EXPECT_DOUBLE_EQ(mcnemarExact(0, 6), 2.0 / 64);
  EXPECT_EQ(mcnemarExact(4, 4), 1);
  EXPECT_EQ(mcnemarExact(0, 0), 1);
}

}  // namespace
}  // namespace turnout
