#include "orchestrator/statistics/proportions.h"
#include "orchestrator/statistics/quantiles.h"
#include "orchestrator/statistics/survival.h"

#include <cmath>
#include <random>

#include <gtest/gtest.h>

namespace turnout {
namespace {

using End = Observation::End;

double percentOf(double proportion) {
  return std::round(proportion * 1000) / 10;
}

TEST(Wilson, AgreesWithPublishedIntervals) {
  struct Row {
    int successes, trials;
    double low, high;  // percent, one decimal
  };
  const Row rows[] = {
      {19, 20, 76.4, 99.1},
      {20, 20, 83.9, 100},
      {48, 50, 86.5, 98.9},
      {50, 50, 92.9, 100},
      {95, 100, 88.8, 97.8},
      {100, 100, 96.3, 100},
      {190, 200, 91.0, 97.3},
      {200, 200, 98.1, 100},
      {475, 500, 92.7, 96.6},
      {500, 500, 99.2, 100},
      {8, 10, 49.0, 94.3},
      {0, 20, 0, 16.1},
      // R. G. Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3.
      {81, 263, 25.5, 36.6},
      {15, 148, 6.2, 16.0},
      {0, 20, 0, 16.1},
      {1, 29, 0.6, 17.2},
  };
  for (const Row& row : rows) {
    const Interval interval = wilson95(row.successes, row.trials);
    EXPECT_EQ(percentOf(interval.low), row.low) << row.successes << " of " << row.trials;
    EXPECT_EQ(percentOf(interval.high), row.high) << row.successes << " of " << row.trials;
  }
}

TEST(Wilson, NoTrialsSayNothing) {
  EXPECT_EQ(wilson95(0, 0).low, 0);
  EXPECT_EQ(wilson95(0, 0).high, 1);
}

TEST(Wilson, ContainsTheObservedRateAndNarrowsWithMoreTrials) {
  for (int trials = 1; trials <= 64; trials *= 2) {
    for (int successes = 0; successes <= trials; successes++) {
      const Interval interval = wilson95(successes, trials);
      const double rate = static_cast<double>(successes) / trials;
      EXPECT_LE(interval.low, rate);
      EXPECT_GE(interval.high, rate);
      const Interval finer = wilson95(successes * 4, trials * 4);
      EXPECT_LT(finer.high - finer.low, interval.high - interval.low);
    }
  }
}

TEST(Sample, PercentilesAreObservedValues) {
  const Sample sample({50, 15, 40, 20, 35});
  EXPECT_EQ(sample.percentile(5), 15);
  EXPECT_EQ(sample.percentile(30), 20);
  EXPECT_EQ(sample.percentile(40), 20);
  EXPECT_EQ(sample.percentile(50), 35);
  EXPECT_EQ(sample.percentile(100), 50);
  EXPECT_EQ(sample.mean(), 32);
  EXPECT_EQ(sample.min(), 15);
  EXPECT_EQ(sample.max(), 50);
}

TEST(Sample, TheRankIsExactWhereTheProductIsNot) {
  std::vector<double> values;
  for (int n = 1; n <= 1000; n++) {
    values.push_back(n);
    for (const int p : {1, 5, 29, 50, 57, 58, 90, 95, 99, 100}) {
      const int rank = std::max(1, (p * n + 99) / 100);
      EXPECT_EQ(Sample(values).percentile(p), rank) << p << " % of " << n;
    }
  }
}

TEST(Sample, AnEmptyOneKnowsNothing) {
  EXPECT_FALSE(Sample().percentile(50));
  EXPECT_FALSE(Sample().mean());
  EXPECT_FALSE(Sample().min());
  EXPECT_FALSE(Sample().max());
}

std::vector<Observation> observations(std::vector<double> happened, std::vector<double> censored) {
  std::vector<Observation> all;
  for (const double time : happened)
    all.push_back({time, End::kHappened});
  for (const double time : censored)
    all.push_back({time, End::kCensored});
  return all;
}

// The 6-mercaptopurine arm of Freireich et al., Blood 21 (1963) 699-716, as in every textbook.
const std::vector<double> kRemission{6, 6, 6, 7, 10, 13, 16, 22, 23};
const std::vector<double> kStillInRemission{6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35};

TEST(SurvivalCurve, AgreesWithTheTextbookTable) {
  const SurvivalCurve curve(observations(kRemission, kStillInRemission));
  EXPECT_EQ(curve.size(), 21u);
  EXPECT_EQ(curve.censored(), 12u);
  EXPECT_EQ(curve.notYetAt(5.9), 1);
  const std::pair<double, double> table[] = {{6, 0.857},  {7, 0.807},  {10, 0.753}, {13, 0.690},
                                             {16, 0.627}, {22, 0.538}, {23, 0.448}};
  for (const auto& [time, not_yet] : table)
    EXPECT_NEAR(curve.notYetAt(time), not_yet, 0.0006) << time;
  EXPECT_EQ(curve.percentile(50), 23);
  EXPECT_EQ(curve.percentile(10), 6);
  EXPECT_FALSE(curve.percentile(60)) << "the curve stays at 0.448";
  EXPECT_NEAR(*curve.restrictedMean(35), 23.29, 0.005);
}

TEST(SurvivalCurve, WithoutCensoringItIsTheSample) {
  std::mt19937 random(5);
  std::vector<double> values;
  for (int n = 1; n <= 200; n++) {
    values.push_back(static_cast<double>(random() % 5000));
    const SurvivalCurve curve(observations(values, {}));
    const Sample sample(values);
    for (const double p : {1.0, 50.0, 90.0, 95.0, 99.0, 100.0})
      EXPECT_EQ(curve.percentile(p), sample.percentile(p)) << p << " of " << n;
    EXPECT_NEAR(*curve.restrictedMean(5000), *sample.mean(), 1e-6);
    EXPECT_EQ(curve.min(), sample.min());
  }
}

TEST(SurvivalCurve, FailuresMakeHighPercentilesUnreachable) {
  std::vector<double> connected(19, 100);
  const SurvivalCurve curve(observations(connected, {15'000}));
  EXPECT_EQ(curve.percentile(50), 100);
  EXPECT_EQ(curve.percentile(95), 100) << "19 of 20 is exactly 95 %";
  EXPECT_FALSE(curve.percentile(99));
  EXPECT_FALSE(curve.percentile(100));
  EXPECT_NEAR(*curve.restrictedMean(15'000), (19 * 100 + 15'000) / 20.0, 1e-6);
}

TEST(SurvivalCurve, NothingHappenedOrNothingWatched) {
  const SurvivalCurve never(observations({}, {15'000, 15'000}));
  EXPECT_FALSE(never.percentile(1));
  EXPECT_FALSE(never.min());
  EXPECT_EQ(never.restrictedMean(15'000), 15'000);
  EXPECT_FALSE(SurvivalCurve().percentile(50));
  EXPECT_FALSE(SurvivalCurve().restrictedMean(15'000));
}

}  // namespace
}  // namespace turnout
