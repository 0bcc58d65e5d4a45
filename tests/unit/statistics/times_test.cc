#include "orchestrator/statistics/interval.h"
#include "orchestrator/statistics/quantiles.h"
#include "orchestrator/statistics/rank_tests.h"
#include "orchestrator/statistics/survival.h"
#include "pipelines/base/random.h"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

namespace turnout {
namespace {

using End = Observation::End;

const double kTimesZ95 = zOfConfidence(0.95);

std::vector<Observation> timesAndCensored(const std::vector<double>& happened,
                                          const std::vector<double>& censored) {
  std::vector<Observation> all;
  for (const double time : happened)
    all.push_back({time, End::kHappened});
  for (const double time : censored)
    all.push_back({time, End::kCensored});
  return all;
}

std::vector<double> logNormal(Random& random, int n, double median) {
  std::vector<double> values;
  for (int i = 0; i < n; i++)
    values.push_back(median * std::exp(0.4 * normalQuantile(0.5e-9 + 0.999 * random.uniform())));
  return values;
}

// Weeks of remission under 6-mercaptopurine and placebo: Freireich et al., Blood 21 (1963) 699-716.
const std::vector<Observation> kTreated = timesAndCensored(
    {6, 6, 6, 7, 10, 13, 16, 22, 23}, {6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35});
const std::vector<Observation> kPlacebo =
    timesAndCensored({1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23}, {});

TEST(PercentileInterval, AgreesWithSasOnTheRemissionTimes) {  // PROC LIFETEST
  const Interval treated = SurvivalCurve(kTreated).percentileInterval(50, kTimesZ95);
  EXPECT_EQ(treated.low, 13);
  EXPECT_EQ(treated.high, HUGE_VAL) << "more than half may stay in remission";
  const Interval placebo = SurvivalCurve(kPlacebo).percentileInterval(50, kTimesZ95);
  EXPECT_EQ(placebo.low, 4);
  EXPECT_EQ(placebo.high, 11);
}

TEST(PercentileInterval, HoldsThePercentileAndNarrowsWithTheLevel) {
  const SurvivalCurve curve(kPlacebo);
  for (const double p : {10.0, 25.0, 50.0, 75.0}) {
    const Interval wide = curve.percentileInterval(p, 2.5), narrow = curve.percentileInterval(p, 1);
    EXPECT_TRUE(contains(narrow, *curve.percentile(p))) << p;
    EXPECT_LE(wide.low, narrow.low) << p;
    EXPECT_GE(wide.high, narrow.high) << p;
  }
}

TEST(PercentileInterval, CoversTheTruthAsOftenAsItSays) {
  Random random(3);
  int covered = 0;
  for (int night = 0; night < 1000; night++) {
    const SurvivalCurve curve(timesAndCensored(logNormal(random, 60, 100), {}));
    covered += contains(curve.percentileInterval(50, kTimesZ95), 100) ? 1 : 0;
  }
  EXPECT_GE(covered, 930);
  EXPECT_LE(covered, 980);
}

TEST(PercentileInterval, NothingHappenedOrOneValue) {
  const auto of = [](int happened, int censored) {
    return SurvivalCurve(
               timesAndCensored(std::vector<double>(static_cast<std::size_t>(happened), 5),
                                std::vector<double>(static_cast<std::size_t>(censored), 9)))
        .percentileInterval(50, kTimesZ95);
  };
  EXPECT_EQ(of(0, 2).low, 0) << "two failures tell nothing of the median";
  EXPECT_EQ(of(0, 4).low, HUGE_VAL) << "four do";
  EXPECT_EQ(of(0, 4).high, HUGE_VAL);
  EXPECT_EQ(of(1, 0).low, 0);
  EXPECT_EQ(of(1, 0).high, HUGE_VAL);
  EXPECT_EQ(of(20, 0).low, 5);
  EXPECT_EQ(of(20, 0).high, 5);
}

TEST(LogRank, AgreesWithTheTextbookOnTheRemissionTimes) {
  // Chi-square 16.79: D. R. Cox, D. Oakes, Analysis of Survival Data (1984), 7.
  const LogRank placebo_to_treated = logRank(kPlacebo, kTreated);
  EXPECT_NEAR(placebo_to_treated.chi_square, 16.79294, 1e-5);
  EXPECT_LT(placebo_to_treated.p, 1e-4) << "none of 40,000 drawings";
  EXPECT_NEAR(placebo_to_treated.hazard_ratio, 0.194319, 1e-6);
  const LogRank swapped = logRank(kTreated, kPlacebo);
  EXPECT_NEAR(swapped.p, placebo_to_treated.p, 1e-12);
  EXPECT_NEAR(swapped.hazard_ratio, 1 / placebo_to_treated.hazard_ratio, 1e-9);
}

TEST(LogRank, CountsAllWaysToDealTheCallsOutWhereTheyAreFew) {
  const auto slower = timesAndCensored({50, 60, 70, 80}, {});
  EXPECT_NEAR(logRank(timesAndCensored({10, 20, 30, 40}, {}), slower).p, 2.0 / 70, 1e-12)
      << "the smallest there is of 4 against 4";
  EXPECT_NEAR(logRank(timesAndCensored({10, 20, 30, 51}, {}), slower).p, 4.0 / 70, 1e-12);
  EXPECT_NEAR(logRank(timesAndCensored({10, 20, 30}, {}), timesAndCensored({}, {99, 99, 99})).p,
              2.0 / 20, 1e-12)
      << "three of three cannot be sure";
}

TEST(LogRank, AlarmsFalselyInAtMostFivePercent) {
  for (const int calls : {4, 8, 25}) {
    Random random(static_cast<std::uint64_t>(calls));
    int alarms = 0;
    for (int pair = 0; pair < 2000; pair++) {
      std::vector<Observation> arms[2];
      for (auto& arm : arms) {
        for (int call = 0; call < calls; call++)
          arm.push_back(random.uniform() < 0.9 ? Observation{50 / (0.01 + random.uniform()), {}}
                                               : Observation{5000, Observation::End::kCensored});
      }
      alarms += logRank(arms[0], arms[1]).p < 0.05 ? 1 : 0;
    }
    // Of 2000, 5 % are 100, and two standard deviations are 20.
    EXPECT_LE(alarms, 120) << calls;
    EXPECT_GE(alarms, 30) << calls;
  }
}

TEST(LogRank, SaysNothingWhereNothingHappened) {
  EXPECT_EQ(logRank({}, kPlacebo).p, 1);
  EXPECT_EQ(logRank(timesAndCensored({}, {5, 5}), timesAndCensored({}, {5})).p, 1);
  EXPECT_EQ(logRank(timesAndCensored({5}, {}), timesAndCensored({5}, {})).p, 1) << "all at once";
  EXPECT_NEAR(logRank(kPlacebo, kPlacebo).p, 1, 1e-12);
}

TEST(LogRank, FailuresMakeAnArmSlower) {
  const std::vector<double> connected(50, 100);
  std::vector<double> few(connected.begin(), connected.begin() + 30);
  const LogRank rank = logRank(timesAndCensored(connected, {}),
                               timesAndCensored(few, std::vector<double>(20, 15'000)));
  EXPECT_LT(rank.p, 0.001);
  EXPECT_LT(rank.hazard_ratio, 1);
}

TEST(HodgesLehmann, AgreesWithTheTextbook) {
  // M. Hollander, D. A. Wolfe, Nonparametric Statistical Methods, permeability of the chorioamnion,
  // as in the help of R's wilcox.test.
  const auto shift =
      hodgesLehmannShift({1.15, 0.88, 0.90, 0.74, 1.21},
                         {0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46}, 0.95);
  ASSERT_TRUE(shift);
  EXPECT_NEAR(shift->estimate, 0.305, 1e-12);
  EXPECT_NEAR(shift->interval.low, -0.15, 1e-12);
  EXPECT_NEAR(shift->interval.high, 0.76, 1e-12);
}

TEST(HodgesLehmann, SelectsWhatSortingAllDifferencesWould) {
  Random random(11);
  for (const int n : {1, 2, 7, 60}) {
    std::vector<double> a, b, all;
    for (int i = 0; i < n; i++)
      a.push_back(static_cast<double>(random.below(20)));  // with ties, and zero among them
    for (int i = 0; i < 2 * n + 1; i++)
      b.push_back(static_cast<double>(random.below(20)) - 3);
    for (const double x : a)
      for (const double y : b)
        all.push_back(y - x);
    std::sort(all.begin(), all.end());
    const auto shift = hodgesLehmannShift(a, b, 0.95);
    const std::size_t size = all.size();
    EXPECT_DOUBLE_EQ(shift->estimate, (all[(size - 1) / 2] + all[size / 2]) / 2) << n;
  }
}

TEST(HodgesLehmann, AShiftOfASampleIsFoundExactlyHoweverLarge) {
  Random random(12);
  const std::vector<double> a = logNormal(random, 50'000, 300);
  std::vector<double> b = a;
  for (double& value : b)
    value += 25;
  const auto shift = hodgesLehmannShift(a, b, 0.95);
  EXPECT_NEAR(shift->estimate, 25, 1e-6);
  EXPECT_LT(shift->interval.low, 25);
  EXPECT_GT(shift->interval.low, 20);
  EXPECT_NEAR(shift->interval.low + shift->interval.high, 50, 1e-6);
}

TEST(HodgesLehmann, FewValuesLeaveTheIntervalOpen) {
  EXPECT_FALSE(hodgesLehmannShift({}, {1}, 0.95));
  const auto shift = hodgesLehmannShift({1}, {3}, 0.95);
  EXPECT_EQ(shift->estimate, 2);
  EXPECT_EQ(shift->interval.low, -HUGE_VAL);
  EXPECT_EQ(shift->interval.high, HUGE_VAL);
}

TEST(Wilcoxon, AgreesWithTheTextbook) {
  // M. Hollander, D. A. Wolfe, depression scale factor IV, as in the help of R's wilcox.test.
  const double before[] = {1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30};
  const double after[] = {0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29};
  std::vector<double> differences, reversed;
  for (std::size_t i = 0; i < std::size(before); i++) {
    differences.push_back(before[i] - after[i]);
    reversed.push_back(after[i] - before[i]);
  }
  const SignedRank rank = wilcoxonSignedRank(differences);
  EXPECT_EQ(rank.rank_sum, 40);
  EXPECT_DOUBLE_EQ(rank.p, 0.0390625);
  EXPECT_DOUBLE_EQ(wilcoxonSignedRank(reversed).p, rank.p);
}

TEST(Wilcoxon, IsExactWithTiesAndLeavesOutZeros) {
  const SignedRank rank = wilcoxonSignedRank({1, 1, -1, 2, 3, 3, -2, 4, 0, 0, 5});
  EXPECT_EQ(rank.pairs, 9);
  EXPECT_EQ(rank.rank_sum, 38.5);
  EXPECT_DOUBLE_EQ(rank.p, 0.0703125) << "36 of 512 sign patterns, counted one by one";
  EXPECT_EQ(wilcoxonSignedRank({0, 0}).p, 1);
  EXPECT_EQ(wilcoxonSignedRank({}).p, 1);
  EXPECT_EQ(wilcoxonSignedRank({7}).p, 1);
}

TEST(Wilcoxon, TheNormalFormTakesOverWithoutAStep) {
  std::vector<double> differences;
  for (int i = 1; i <= 50; i++)
    differences.push_back(i % 3 == 0 ? -i : i);
  const double exact = wilcoxonSignedRank(differences).p;
  differences.push_back(0.5);  // moves the rank sum by a third of a percent
  EXPECT_NEAR(wilcoxonSignedRank(differences).p, exact, 0.003);
}

TEST(Bootstrap, IsTheSameAsDrawingWholeSamples) {
  Random random(21);
  const std::vector<double> a = logNormal(random, 80, 100), b = logNormal(random, 120, 130);
  const auto fast = bootstrapDifference(a, b, {.resamples = 20'000, .seed = 5});
  std::vector<double> differences;
  const auto redrawn = [&](const std::vector<double>& sample) {
    std::vector<double> drawn;
    for (std::size_t i = 0; i < sample.size(); i++)
      drawn.push_back(sample[random.below(sample.size())]);
    return *Sample(drawn).percentile(95);
  };
  for (int i = 0; i < 4000; i++)
    differences.push_back(redrawn(b) - redrawn(a));
  const Sample slow(differences);
  EXPECT_NEAR(fast->low, *slow.percentile(2.5), 5);
  EXPECT_NEAR(fast->high, *slow.percentile(97.5), 5);
}

TEST(Bootstrap, TheSeedDecides) {
  Random random(22);
  const std::vector<double> a = logNormal(random, 500, 100), b = logNormal(random, 500, 130);
  const auto once = bootstrapDifference(a, b, {.seed = 5});
  const auto again = bootstrapDifference(a, b, {.seed = 5});
  const auto other = bootstrapDifference(a, b, {.seed = 6});
  EXPECT_EQ(once->low, again->low);
  EXPECT_EQ(once->high, again->high);
  EXPECT_TRUE(once->low != other->low || once->high != other->high);
  EXPECT_FALSE(bootstrapDifference({}, b, {}));
  EXPECT_EQ(bootstrapDifference({1}, {4}, {})->low, 3);
}

// --- intervals of what thresholds judge ---

TEST(SampleInterval, OfAPercentileIsBetweenTwoOrderStatistics) {
  std::vector<double> values;
  for (int i = 1; i <= 20; i++)
    values.push_back(i);
  const Sample sample(values);
  // The median of 20: ranks 6 and 15, 95.9 % (W. J. Conover, Practical Nonparametric Statistics).
  EXPECT_EQ(sample.percentileInterval(50, 20, kTimesZ95).low, 6);
  EXPECT_EQ(sample.percentileInterval(50, 20, kTimesZ95).high, 15);
  EXPECT_TRUE(std::isinf(sample.percentileInterval(95, 20, kTimesZ95).high)) << "72 are needed";
  EXPECT_EQ(sample.percentileInterval(50, 8, kTimesZ95).low, Sample(values).percentile(100.0 / 8))
      << "eight groups: as of eight values";
  EXPECT_TRUE(std::isinf(sample.percentileInterval(50, 20, 99).low)) << "too early to look";
  EXPECT_TRUE(std::isinf(Sample().percentileInterval(50, 5, kTimesZ95).high));
}

TEST(SampleInterval, OfAP95IsBoundedFromSeventyTwoValuesOn) {
  const auto high = [](std::size_t n) {
    return Sample(std::vector<double>(n, 1.0)).percentileInterval(95, n, kTimesZ95).high;
  };
  EXPECT_TRUE(std::isinf(high(71)));
  EXPECT_EQ(high(72), 1.0);
}

TEST(SampleInterval, OfAMeanIsStudents) {
  const Interval interval = Sample({1, 2, 3, 4, 5}).meanInterval(5, kTimesZ95);
  EXPECT_NEAR(interval.low, 3 - 2.776445 * std::sqrt(2.5 / 5), 1e-5);
  EXPECT_NEAR(interval.high, 3 + 2.776445 * std::sqrt(2.5 / 5), 1e-5);
  EXPECT_TRUE(std::isinf(Sample({1, 2, 3}).meanInterval(1, kTimesZ95).high)) << "of one call";
}

TEST(RestrictedMeanInterval, AllowsForFailuresThatWereNotSeen) {
  const auto of = [](int calls) {
    const std::vector<double> times(static_cast<std::size_t>(calls), 200.0);
    return SurvivalCurve(timesAndCensored(times, {})).restrictedMeanInterval(15'000, kTimesZ95);
  };
  // At most z^2 / (n + z^2) of all fail: 11.4 % of 30. Each such call costs up to 15 s.
  EXPECT_NEAR(of(30).high, 200 + 0.11352 * 14'800, 1);
  EXPECT_LE(of(30).low, 200);
  EXPECT_LT(of(300).high, of(30).high);
}

TEST(RestrictedMeanInterval, HoldsTheTrueMeanInNearlyAllSamples) {
  // Nine of ten calls take 100 to 300 ms, one fails: mean 0.9 * 200 + 0.1 * 5000.
  constexpr double kTrue = 680;
  Random random(405);
  int missed = 0;
  for (int sample = 0; sample < 500; sample++) {
    std::vector<double> happened, censored;
    for (int call = 0; call < 40; call++) {
      if (random.uniform() < 0.1)
        censored.push_back(5000);
      else
        happened.push_back(100 + 200 * random.uniform());
    }
    const Interval interval =
        SurvivalCurve(timesAndCensored(happened, censored)).restrictedMeanInterval(5000, kTimesZ95);
    missed += contains(interval, kTrue) ? 0 : 1;
  }
  EXPECT_LE(missed, 25) << "5 %";
}

}  // namespace
}  // namespace turnout
