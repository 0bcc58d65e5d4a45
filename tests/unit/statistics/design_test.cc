// The promises of the statistics, kept or not: error rates by simulation and by exact sums.
#include "orchestrator/statistics/interval.h"
#include "orchestrator/statistics/proportions.h"
#include "orchestrator/statistics/sample_size.h"
#include "orchestrator/statistics/sequential_rule.h"
#include "pipelines/base/random.h"

#include <algorithm>
#include <cmath>

#include <boost/math/distributions/binomial.hpp>
#include <gtest/gtest.h>

namespace turnout {
namespace {

const double kZ95 = zOfConfidence(0.95);

Proportion draw(Random& random, int calls, double rate) {
  Proportion drawn{0, calls};
  for (int call = 0; call < calls; call++)
    drawn.successes += random.uniform() < rate ? 1 : 0;
  return drawn;
}

void add(Proportion& sum, Proportion part) {
  sum.successes += part.successes;
  sum.trials += part.trials;
}

TEST(SampleSize, IsThatOfTheTestThatDecides) {
  EXPECT_EQ(callsPerArm(0.95, 0.75, {}), 51);
  EXPECT_EQ(callsPerArm(0.95, 0.80, {}), 76);
  EXPECT_EQ(callsPerArm(0.95, 0.93, {}), 2312) << "Fleiss with continuity correction";
  EXPECT_NEAR(*callsPerArm(0.95, 0.90, {}), 449, 3);
  EXPECT_EQ(callsPerArm(0.90, 0.95, {}), callsPerArm(0.95, 0.90, {}))
      << "which arm is the better one does not matter";
  EXPECT_GT(callsPerArm(0.95, 0.80, {.power = 0.9}), 76);
  EXPECT_GT(callsPerArm(0.95, 0.80, {.alpha = 0.01}), 76);
  EXPECT_FALSE(callsPerArm(0.95, 0.95, {}));
}

TEST(SampleSize, TheVisibleDropIsItsInverse) {
  EXPECT_NEAR(*visibleDrop(0.95, 76, {}), 0.80, 2e-3);
  EXPECT_NEAR(*visibleDrop(0.95, 2312, {}), 0.93, 2e-4);
  EXPECT_FALSE(visibleDrop(0.95, 2, {})) << "two calls tell nothing apart";
  EXPECT_FALSE(visibleDrop(0, 1000, {})) << "nothing is below 0 %";
}

TEST(SampleSize, CallsToDecideIsWhereWilsonsIntervalLeavesTheLimitOut) {
  EXPECT_EQ(callsToDecide(1, 0.95, kZ95), 73);
  EXPECT_GE(wilson({73, 73}, kZ95).low, 0.95);
  EXPECT_LT(wilson({72, 72}, kZ95).low, 0.95);
  EXPECT_EQ(callsToDecide(0.5, 0.9, kZ95), 3);
  EXPECT_FALSE(callsToDecide(0.9, 0.9, kZ95)) << "a rate on the limit is never decided";
  EXPECT_FALSE(callsToDecide(0.5, 1, kZ95)) << "one failure has decided that already";
}

// The probability that a difference is shown, summed over all outcomes.
double powerOf(int calls, double p, double q) {
  const RateTest test(calls, calls);
  const boost::math::binomial a(calls, p), b(calls, q);
  double power = 0;
  for (int x = 0; x <= calls; x++) {
    for (int y = 0; y <= calls; y++) {
      const double both = pdf(a, x) * pdf(b, y);
      if (both > 1e-9 && !contains(newcombe({x, calls}, {y, calls}, kZ95), 0) &&
          test.p(x, y) < 0.05)
        power += both;
    }
  }
  return power;
}

TEST(SampleSize, ThePrintedNumberOfCallsHasThePower) {
  for (const auto& [p, q] : {std::pair{0.95, 0.75}, {0.95, 0.65}, {0.99, 0.80}, {0.50, 0.20}}) {
    const int calls = *callsPerArm(p, q, {});
    EXPECT_GE(powerOf(calls, p, q), 0.80) << p << " against " << q;
    EXPECT_LE(powerOf(calls, p, q), 0.85) << p << " against " << q;
  }
}

TEST(Nights, AtMostFivePercentOfFalseAlarmsWithSeveralArms) {
  Random random(400);
  int alarms = 0;
  for (int night = 0; night < 400; night++) {  // a reference and three arms, all the same
    const Proportion reference = draw(random, 60, 0.9);
    std::vector<double> ps;
    for (int arm = 0; arm < 3; arm++)
      ps.push_back(compareRates(reference, draw(random, 60, 0.9), 0.05).p);
    const std::vector<double> adjusted = holm(ps);
    alarms += *std::min_element(adjusted.begin(), adjusted.end()) < 0.05 ? 1 : 0;
  }
  EXPECT_LE(alarms, 20);
  EXPECT_GT(alarms, 0) << "a test that never alarms is not tested";
}

TEST(Nights, WithoutHolmSeveralArmsAlarmTooOften) {
  Random random(400);
  int alarms = 0;
  for (int night = 0; night < 400; night++) {
    const Proportion reference = draw(random, 200, 0.9);
    bool alarm = false;
    for (int arm = 0; arm < 3; arm++)
      alarm |= newcombeP(reference, draw(random, 200, 0.9)) < 0.05;
    alarms += alarm ? 1 : 0;
  }
  EXPECT_GT(alarms, 20);
}

TEST(Nights, EightyPercentOfRealDropsAreSeen) {
  Random random(401);
  const int calls = *callsPerArm(0.95, 0.75, {});
  int seen = 0;
  for (int night = 0; night < 1000; night++) {
    const Proportion a = draw(random, calls, 0.95), b = draw(random, calls, 0.75);
    seen += compareRates(a, b, 0.05).p < 0.05 ? 1 : 0;
  }
  EXPECT_GE(seen, 775) << "800 less two standard deviations";
}

TEST(Decision, HasThreeStates) {
  EXPECT_EQ(decide({0.91, 0.99}, 0.9, GoodSide::kAbove), Decision::kGood);
  EXPECT_EQ(decide({0.90, 0.99}, 0.9, GoodSide::kAbove), Decision::kGood);
  EXPECT_EQ(decide({0.89, 0.91}, 0.9, GoodSide::kAbove), Decision::kOpen);
  EXPECT_EQ(decide({0.80, 0.89}, 0.9, GoodSide::kAbove), Decision::kBad);
  EXPECT_EQ(decide({0.80, 0.89}, 0.9, GoodSide::kBelow), Decision::kGood);
  EXPECT_EQ(decide({0.91, 0.99}, 0.9, GoodSide::kBelow), Decision::kBad);
  EXPECT_EQ(decide({}, 0.9, GoodSide::kAbove), Decision::kOpen) << "no calls";
}

TEST(SequentialRule, GivesThePublishedBounds) {
  // Lan-DeMets with O'Brien-Fleming spending, five looks, 5 % two-sided: as the programs ldbounds
  // (D. M. Reboussin et al., Controlled Clinical Trials 21 (2000) 190-207) and gsDesign give them.
  SequentialRule rule(0.05, 500);
  const double bounds[] = {4.8769, 3.3569, 2.6803, 2.2898, 2.0310};
  for (int look = 1; look <= 5; look++)
    EXPECT_NEAR(rule.look(100 * look), bounds[look - 1], 2e-4) << look;
}

TEST(SequentialRule, OneLookIsTheOrdinaryTest) {
  EXPECT_NEAR(SequentialRule(0.05, 100).look(100), 1.959964, 1e-5);
  EXPECT_NEAR(SequentialRule(0.05, 100).look(120), 1.959964, 1e-5) << "a block more than asked for";
}

TEST(SequentialRule, ALookThatComesFarTooEarlyDecidesNothingAndCostsNothing) {
  SequentialRule rule(0.05, 1000);
  EXPECT_EQ(rule.look(10), HUGE_VAL);
  EXPECT_NEAR(rule.look(1000), 1.959964, 1e-4);
}

TEST(SequentialRule, UnevenLooksAreFine) {
  SequentialRule rule(0.05, 1000);
  double before = HUGE_VAL;
  for (const int calls : {100, 130, 400, 410, 900, 1000}) {
    const double z = rule.look(calls);
    EXPECT_GT(z, 1.95) << calls;
    if (calls != 130 && calls != 410) {  // what comes soon after a look has little to spend
      EXPECT_LT(z, before) << calls;
      before = z;
    }
  }
}

// Looks at a sample of `block`, 2 `block`, ... `largest` calls; the rule is the same every night.
std::vector<double> looks(int block, int largest) {
  SequentialRule rule(0.05, largest);
  std::vector<double> zs;
  for (int calls = block; calls <= largest; calls += block)
    zs.push_back(rule.look(calls));
  return zs;
}

// The first decision, if there is one. `grown(z)`: the interval after one more block.
template <class IntervalAfterBlock>
Decision extended(const std::vector<double>& zs, double limit, IntervalAfterBlock grown) {
  for (const double z : zs) {
    const Decision decision = decide(grown(z), limit, GoodSide::kAbove);
    if (decision != Decision::kOpen)
      return decision;
  }
  return Decision::kOpen;
}

TEST(SequentialRule, NightsOfTwoEqualArmsAreDecidedInFivePercent) {
  Random random(402);
  const std::vector<double> zs = looks(100, 500);
  int decided = 0;
  for (int night = 0; night < 2000; night++) {
    Proportion a, b;
    const Decision decision = extended(zs, 0, [&](double z) {
      add(a, draw(random, 100, 0.95));
      add(b, draw(random, 100, 0.95));
      return newcombe(a, b, z);
    });
    decided += decision != Decision::kOpen ? 1 : 0;
  }
  EXPECT_LE(decided, 100);
  EXPECT_GT(decided, 40);
}

TEST(SequentialRule, NightsWithARateOnTheLimitPassOrFailInFivePercentEach) {
  Random random(403);
  const std::vector<double> zs = looks(100, 500);
  int passed = 0, failed = 0;
  for (int night = 0; night < 2000; night++) {
    Proportion sum;
    const Decision decision = extended(zs, 0.9, [&](double z) {
      add(sum, draw(random, 100, 0.9));
      return wilson(sum, z);
    });
    passed += decision == Decision::kGood ? 1 : 0;
    failed += decision == Decision::kBad ? 1 : 0;
  }
  EXPECT_LE(passed, 100);
  EXPECT_LE(failed, 100);
  EXPECT_GT(passed, 20);
  EXPECT_GT(failed, 20);
}

TEST(SequentialRule, LookingFiveTimesAtNinetyFivePercentWouldNotDo) {
  Random random(402);
  int decided = 0;
  for (int night = 0; night < 1000; night++) {
    Proportion a, b;
    bool alarm = false;
    for (int look = 0; look < 5; look++) {
      add(a, draw(random, 100, 0.95));
      add(b, draw(random, 100, 0.95));
      alarm |= !contains(newcombe(a, b, kZ95), 0);
    }
    decided += alarm ? 1 : 0;
  }
  EXPECT_GT(decided, 80);
}

TEST(SequentialRule, RealDropsAreSeenAndMostlyEarlier) {
  Random random(404);
  const std::vector<double> zs = looks(90, 450);
  int seen = 0, calls = 0;
  for (int night = 0; night < 1000; night++) {
    Proportion a, b;
    const Decision decision = extended(zs, 0, [&](double z) {
      add(a, draw(random, 90, 0.95));
      add(b, draw(random, 90, 0.90));
      return newcombe(a, b, z);
    });
    seen += decision == Decision::kBad ? 1 : 0;
    calls += a.trials;
  }
  EXPECT_GE(seen, 775) << "800 less two standard deviations";
  EXPECT_LT(calls / 1000, 400) << "on average fewer than the 449 of one look";
}

}  // namespace
}  // namespace turnout
