#include "orchestrator/results/compare/comparison.h"

#include "orchestrator/statistics/interval.h"
#include "pipelines/base/random.h"
#include "tests/unit/results/call_script.h"

#include <cmath>

#include <gtest/gtest.h>

namespace turnout {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)

// What becomes of the call of one block: ms until connected; absent: failed.
using Fate = std::function<std::optional<double>(int block)>;

// A finished run of so many calls an arm, without a log.
StoredRun runOf(const std::vector<std::pair<std::string, Fate>>& arms, int calls_per_arm) {
  std::vector<std::string> names;
  for (const auto& [name, fate] : arms)
    names.push_back(name);
  StoredRun run{scenarioOf(names, calls_per_arm), {}};
  for (const PlannedCall& planned : makePlan(run.scenario).calls) {
    const auto ms_to_connect = arms[static_cast<std::size_t>(planned.arm)].second(planned.block);
    CallOutcome call;
    call.call = planned.id;
    call.arm = planned.arm;
    call.started = true;
    call.state = CallState::kFailed;
    if (ms_to_connect) {
      call.state = CallState::kSucceeded;
      call.connect_time = Duration(static_cast<std::int64_t>(*ms_to_connect * 1e6));
    }
    run.outcomes.calls.push_back(call);
  }
  return run;
}

Fate failingAbove(int limit, double ms) {
  return [=](int block) { return block < limit ? std::optional(ms + block % 7) : std::nullopt; };
}

ArmComparison compareOne(const StoredRun& run, const ComparisonSpec& spec) {
  return compareArms({{armSample(run, 0, "run"), armSample(run, 1, "run")}}, spec).front();
}

TEST(Comparison, FewerSuccessesAreWorseWhenTheWholeIntervalSaysSo) {
  const StoredRun run = runOf({{"a", failingAbove(95, 100)}, {"b", failingAbove(75, 100)}}, 100);
  const ArmComparison comparison = compareOne(run, {});
  EXPECT_EQ(comparison.reference.success.successes, 95);
  EXPECT_EQ(comparison.candidate.success.trials, 100);
  EXPECT_NEAR(comparison.success.difference, -0.20, 1e-12);
  EXPECT_NEAR(comparison.success.interval.low, -0.30, 0.005);
  EXPECT_NEAR(comparison.success.interval.high, -0.10, 0.005);
  EXPECT_NEAR(comparison.success.fisher_p, 0.000104, 1e-6);
  EXPECT_EQ(comparison.success.finding, Finding::kWorse);
  EXPECT_EQ(comparison.connect_time.finding, Finding::kWorse) << "what never connects is slow";
}

TEST(Comparison, SwappedArmsAreTheOtherWayRound) {
  const StoredRun run = runOf({{"a", failingAbove(75, 150)}, {"b", failingAbove(95, 100)}}, 100);
  const ArmComparison comparison = compareOne(run, {});
  EXPECT_NEAR(comparison.success.difference, 0.20, 1e-12);
  EXPECT_EQ(comparison.success.finding, Finding::kBetter);
  EXPECT_EQ(comparison.connect_time.finding, Finding::kBetter);
  EXPECT_GT(comparison.connect_time.hazard_ratio, 1);
}

TEST(Comparison, FewCallsShowNothingAndTellWhatTheyCouldHaveShown) {
  const StoredRun run = runOf({{"a", failingAbove(19, 100)}, {"b", failingAbove(15, 100)}}, 20);
  const ArmComparison comparison = compareOne(run, {});
  EXPECT_EQ(comparison.success.finding, Finding::kNoDifferenceShown);
  EXPECT_NEAR(comparison.success.interval.low, -0.42, 0.005);
  EXPECT_NEAR(comparison.success.interval.high, 0.03, 0.005);
  ASSERT_TRUE(comparison.success.visible_drop);
  EXPECT_GT(*comparison.success.visible_drop, 0.20);
}

TEST(Comparison, AShiftOfConnectTimesIsFoundWithItsInterval) {
  const auto at = [](double ms) {
    return [=](int block) { return std::optional(ms + 0.07 * block); };
  };
  const StoredRun run = runOf({{"a", at(100)}, {"b", at(150)}}, 100);
  const ArmComparison comparison = compareOne(run, {});
  EXPECT_EQ(comparison.success.finding, Finding::kNoDifferenceShown);
  EXPECT_EQ(comparison.connect_time.finding, Finding::kWorse);
  EXPECT_NEAR(comparison.connect_time.shift_ms->estimate, 50, 1e-9);
  EXPECT_TRUE(contains(comparison.connect_time.shift_ms->interval, 50));
  EXPECT_TRUE(contains(*comparison.connect_time.p95_difference, 50));
  EXPECT_NEAR(*comparison.candidate.p50.ms, 153, 1);
  EXPECT_TRUE(contains(comparison.candidate.p50.interval, 153));
}

TEST(Comparison, FewCallsDoNotBoundTheP95NorItsDifference) {
  const StoredRun run = runOf({{"a", failingAbove(20, 100)}, {"b", failingAbove(20, 150)}}, 20);
  const ArmComparison comparison = compareOne(run, {});
  EXPECT_EQ(comparison.reference.p95.interval.high, HUGE_VAL);
  EXPECT_FALSE(comparison.connect_time.p95_difference);
}

TEST(Comparison, WithinAMarginADifferenceIsNotRelevantHoweverSure) {
  const auto later = [](int block) { return std::optional(102.0 + block % 7); };
  const StoredRun run = runOf({{"a", failingAbove(2000, 100)}, {"b", later}}, 2000);
  const ArmComparison strict = compareOne(run, {});
  EXPECT_EQ(strict.connect_time.finding, Finding::kWorse);
  const ArmComparison relaxed = compareOne(run, {.margin = 0.02, .margin_ms = 10});
  EXPECT_EQ(relaxed.connect_time.finding, Finding::kNoRelevantDifference);
  EXPECT_EQ(relaxed.success.finding, Finding::kNoRelevantDifference);
}

TEST(Comparison, WhatMayBeWithinTheMarginIsNeverCalledWorse) {
  const StoredRun few = runOf({{"a", failingAbove(5, 50)}, {"b", failingAbove(5, 95)}}, 5);
  EXPECT_EQ(compareOne(few, {}).connect_time.finding, Finding::kWorse);
  const ArmComparison relaxed = compareOne(few, {.margin_ms = 5000});
  EXPECT_EQ(relaxed.connect_time.finding, Finding::kNoRelevantDifference);
  const StoredRun fewest = runOf({{"a", failingAbove(4, 50)}, {"b", failingAbove(4, 95)}}, 4);
  EXPECT_EQ(compareOne(fewest, {.margin_ms = 5}).connect_time.finding, Finding::kWorse);
  const StoredRun many = runOf({{"a", failingAbove(190, 50)}, {"b", failingAbove(150, 50)}}, 200);
  EXPECT_EQ(compareOne(many, {.margin = 0.19}).success.finding, Finding::kPerhapsRelevant)
      << "20 points fewer, but perhaps only 13";
  EXPECT_EQ(compareOne(many, {.margin = 0.10}).success.finding, Finding::kWorse);
  const ComparisonSpec wide{.margin = 0.19, .margin_ms = 5000};
  EXPECT_EQ(ruleAgainstBaseline({compareOne(many, wide)}, wide), Ruling::kInconclusive);
}

TEST(Comparison, ArmsOfOneRunArePairedByBlock) {
  const auto every_fourth_fails = [](int block) {
    return block % 4 == 0 ? std::nullopt : std::optional(100.0 + block);
  };
  const StoredRun run = runOf(
      {{"a", [](int block) { return std::optional(100.0 + block); }}, {"b", every_fourth_fails}},
      24);
  const ArmComparison comparison = compareOne(run, {});
  ASSERT_TRUE(comparison.paired);
  EXPECT_EQ(comparison.paired->pairs, 24);
  EXPECT_EQ(comparison.paired->only_reference, 6);
  EXPECT_EQ(comparison.paired->only_candidate, 0);
  EXPECT_DOUBLE_EQ(comparison.paired->mcnemar_p, 2.0 / 64);
  EXPECT_DOUBLE_EQ(comparison.paired->wilcoxon_p, 2.0 / 64) << "equal times say nothing";
}

TEST(Comparison, ArmsOfTwoRunsShareNoBlocks) {
  const StoredRun one = runOf({{"a", failingAbove(20, 100)}}, 20);
  const StoredRun other = runOf({{"a", failingAbove(20, 100)}}, 20);
  const auto compared = compareArms({{armSample(one, 0, "1"), armSample(other, 0, "2")}}, {});
  EXPECT_FALSE(compared.front().paired);
}

TEST(Comparison, CallsThatTurnoutLostAreLeftOutAndCounted) {
  StoredRun run = runOf({{"a", failingAbove(20, 100)}, {"b", failingAbove(20, 100)}}, 20);
  int lost = 0;
  for (CallOutcome& call : run.outcomes.calls) {
    if (call.arm == 1 && lost < 5) {
      call.state = lost++ < 3 ? CallState::kAborted : CallState::kNotStarted;
      call.connect_time.reset();
    }
  }
  const ArmComparison comparison = compareOne(run, {});
  EXPECT_EQ(comparison.candidate.left_out, 5);
  EXPECT_EQ(comparison.candidate.success.trials, 15);
  EXPECT_EQ(comparison.candidate.success.successes, 15);
  EXPECT_EQ(comparison.paired->pairs, 15);
}

TEST(Comparison, AnArmWithoutFinishedCallsHasNoData) {
  StoredRun run = runOf({{"a", failingAbove(5, 100)}, {"b", failingAbove(5, 100)}}, 5);
  for (CallOutcome& call : run.outcomes.calls)
    call.state = call.arm == 1 ? CallState::kAborted : call.state;
  const ArmComparison comparison = compareOne(run, {});
  EXPECT_EQ(comparison.success.finding, Finding::kNoData);
  EXPECT_EQ(comparison.connect_time.finding, Finding::kNoData);
  EXPECT_EQ(ruleAgainstBaseline({comparison}, {}), Ruling::kInconclusive);
}

TEST(Comparison, ManyArmsAreAdjustedForTheirNumber) {
  std::vector<std::pair<std::string, Fate>> arms{{"a", failingAbove(95, 100)}};
  for (const char* name : {"b", "c", "d"})
    arms.emplace_back(name, failingAbove(86, 100));
  const StoredRun run = runOf(arms, 100);
  std::vector<ArmPair> pairs;
  for (std::size_t arm = 1; arm < 4; arm++)
    pairs.push_back({armSample(run, 0, "run"), armSample(run, arm, "run")});
  EXPECT_EQ(compareArms({pairs[0]}, {})[0].success.finding, Finding::kWorse) << "alone";
  const auto all = compareArms(pairs, {});
  EXPECT_NEAR(all[0].success.p_adjusted, 3 * all[0].success.p, 1e-12);
  EXPECT_EQ(all[0].success.finding, Finding::kNoDifferenceShown) << "among three";
}

TEST(Baseline, WorseFailsAndNothingShownPasses) {
  const auto ruled = [](int good_now, const ComparisonSpec& spec) {
    const StoredRun run =
        runOf({{"then", failingAbove(190, 100)}, {"now", failingAbove(good_now, 100)}}, 200);
    return ruleAgainstBaseline({compareOne(run, spec)}, spec);
  };
  EXPECT_EQ(ruled(150, {}), Ruling::kFail);
  EXPECT_EQ(ruled(190, {}), Ruling::kPass);
  EXPECT_EQ(ruled(200, {}), Ruling::kPass) << "better is not worse";
  EXPECT_EQ(ruled(190, {.margin = 0.01}), Ruling::kInconclusive) << "200 calls cannot rule it out";
  EXPECT_EQ(ruled(190, {.margin = 0.10}), Ruling::kPass);
}

TEST(Baseline, SlowerFails) {
  const StoredRun run =
      runOf({{"then", failingAbove(60, 100)}, {"now", failingAbove(60, 140)}}, 60);
  EXPECT_EQ(ruleAgainstBaseline({compareOne(run, {})}, {}), Ruling::kFail);
  const ComparisonSpec generous{.margin_ms = 100};
  EXPECT_EQ(ruleAgainstBaseline({compareOne(run, generous)}, generous), Ruling::kPass);
}

// A night as a CI sees it: the same three arms as in the baseline run, every call drawn anew.
StoredRun night(Random& random, double rate, double median_ms) {
  const Fate fate = [&random, rate, median_ms](int) -> std::optional<double> {
    const double ms = median_ms * std::exp(0.4 * normalQuantile(0.0005 + 0.999 * random.uniform()));
    return random.uniform() < rate ? std::optional(ms) : std::nullopt;
  };
  return runOf({{"direct", fate}, {"turn-udp", fate}, {"turn-tls", fate}}, 100);
}

Ruling ruledNight(const StoredRun& baseline, const StoredRun& tonight) {
  std::vector<ArmPair> pairs;
  for (std::size_t arm = 0; arm < 3; arm++)
    pairs.push_back({armSample(baseline, arm, "then"), armSample(tonight, arm, "now")});
  return ruleAgainstBaseline(compareArms(pairs, {}), {});
}

TEST(Baseline, AlarmsFalselyInAtMostFivePercentOfNights) {
  Random random(405);
  int alarms = 0;
  for (int i = 0; i < 400; i++)
    alarms += ruledNight(night(random, 0.95, 300), night(random, 0.95, 300)) == Ruling::kFail;
  EXPECT_LE(alarms, 20);
  EXPECT_GT(alarms, 0);
}

TEST(Baseline, SeesArmsThatBecameWorseOrSlower) {
  Random random(406);
  int worse = 0, slower = 0;
  for (int i = 0; i < 20; i++) {
    const StoredRun baseline = night(random, 0.95, 300);
    worse += ruledNight(baseline, night(random, 0.75, 300)) == Ruling::kFail;
    slower += ruledNight(baseline, night(random, 0.95, 450)) == Ruling::kFail;
  }
  EXPECT_EQ(worse, 20);
  EXPECT_EQ(slower, 20);
}

}  // namespace
}  // namespace turnout
