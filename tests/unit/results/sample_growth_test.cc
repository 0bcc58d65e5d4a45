#include "orchestrator/results/judge/sample_growth.h"

#include "pipelines/base/random.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using ::testing::HasSubstr;

Scenario growing(int calls_per_arm, int max_calls, const char* expression) {
  Scenario scenario;
  scenario.turn = {{"direct", false, {}}};
  scenario.calls_per_arm = calls_per_arm;
  scenario.max_calls_per_arm = max_calls;
  scenario.thresholds = {*parseThreshold("success_rate", expression)};
  return scenario;
}

// A sample of calls that succeed at `rate`, grown until the rule stops.
struct Night {
  int calls = 0, looks = 0;
  std::string outcome;
  bool holds = false;
};

// How strict each look is, as SampleGrowth has it: the same every night.
std::vector<double> deviationsOf(const Scenario& scenario) {
  SequentialRule rule(0.05, scenario.mostCallsPerArm());
  std::vector<double> deviations;
  for (int calls = 0; calls < scenario.mostCallsPerArm();)
    deviations.push_back(rule.look(
        calls = std::min(calls + scenario.firstCallsPerArm(), scenario.mostCallsPerArm())));
  return deviations;
}

Night nightOf(const Scenario& scenario, const std::vector<double>& deviations, double rate,
              Random& random) {
  Outcomes outcomes;
  Night night;
  for (int planned = scenario.calls_per_arm;
       night.outcome.empty() || night.outcome == "extended";) {
    for (; night.calls < planned; night.calls++) {
      CallOutcome call;
      call.started = true;
      const bool succeeds = random.uniform() < rate;
      call.state = succeeds ? CallState::kSucceeded : CallState::kFailed;
      if (succeeds)
        call.connect_time = 200ms;
      outcomes.calls.push_back(call);
    }
    const SampleJudged look = judgeSample(scenario, outcomes, planned,
                                          deviations.at(static_cast<std::size_t>(night.looks)));
    planned = look.planned;
    night.outcome = look.outcome;
    night.holds = look.why == "Every threshold holds.";
    night.looks++;
  }
  return night;
}

TEST(SampleGrowth, AddsTheFirstSampleAgainUntilItIsDecidedOrAsLargeAsItMayBe) {
  Random random(1);
  const Scenario scenario = growing(50, 220, "rate>=0.9");
  const Night all_good = nightOf(scenario, deviationsOf(scenario), 1, random);
  EXPECT_EQ(all_good.outcome, "decided");
  EXPECT_TRUE(all_good.holds);
  EXPECT_LT(all_good.calls, 220);
  const Night on_the_limit = nightOf(scenario, deviationsOf(scenario), 0.9, random);
  EXPECT_EQ(on_the_limit.outcome, "exhausted");
  EXPECT_EQ(on_the_limit.calls, 220) << "the last block is what is left";
  EXPECT_EQ(on_the_limit.looks, 5);
}

TEST(SampleGrowth, SaysWhatIsOpenAndHowStrictTheLookWas) {
  const Scenario scenario = growing(20, 100, "rate>=0.95");
  SampleGrowth growth(scenario);
  Outcomes outcomes;
  for (int i = 0; i < 20; i++) {
    outcomes.calls.emplace_back().started = true;
    outcomes.calls.back().state = CallState::kSucceeded;
    outcomes.calls.back().connect_time = 200ms;
  }
  const SampleJudged look = growth.look(outcomes);
  EXPECT_NEAR(look.deviations, 4.877, 1e-3);
  EXPECT_EQ(look.planned, 40);
  EXPECT_EQ(look.why, "1 of 1 threshold is open after 20 calls an arm.");
}

TEST(SampleGrowth, StopsWhereTurnoutIsInTheWay) {
  const Scenario scenario = growing(2, 10, "rate>=0.95");
  SampleGrowth growth(scenario);
  Outcomes outcomes;
  outcomes.calls.resize(2);
  for (CallOutcome& call : outcomes.calls) {
    call.started = true;
    call.state = CallState::kAborted;
    call.cause = FailureCause::kHostCrashed;
  }
  const SampleJudged look = growth.look(outcomes);
  EXPECT_EQ(look.outcome, "doubted");
  EXPECT_EQ(look.planned, 2);
  EXPECT_THAT(look.why, HasSubstr("lost because a bot host died"));
}

// --- what the rule promises (docs/STATISTICS.md) ---

TEST(SampleGrowth, FourHundredNightsOnTheLimitFailOrPassFalselyInFivePercentEach) {
  const Scenario scenario = growing(50, 250, "rate>=0.9");
  const std::vector<double> deviations = deviationsOf(scenario);
  Random random(406);
  int passed = 0, failed = 0;
  for (int night = 0; night < 400; night++) {
    const Night one = nightOf(scenario, deviations, 0.9, random);
    passed += one.outcome == "decided" && one.holds ? 1 : 0;
    failed += one.outcome == "decided" && !one.holds ? 1 : 0;
  }
  EXPECT_LE(passed, 20);
  EXPECT_LE(failed, 20);
  EXPECT_GT(passed, 0) << "a rule that never decides is not tested";
  EXPECT_GT(failed, 0);
}

TEST(SampleGrowth, SeesARealDifferenceInEightyPercentOfNightsAndMostlyEarlier) {
  // 95 % against a limit of 90 %: 238 calls for a power of 80 % with one look; five cost 4 % more.
  const Scenario scenario = growing(50, 250, "rate>=0.9");
  const std::vector<double> deviations = deviationsOf(scenario);
  Random random(407);
  int passed = 0, calls = 0;
  for (int night = 0; night < 400; night++) {
    const Night one = nightOf(scenario, deviations, 0.95, random);
    passed += one.holds ? 1 : 0;
    calls += one.calls;
  }
  EXPECT_GE(passed, 304) << "320 less two standard deviations";
  EXPECT_LT(calls / 400, 210);
}

}  // namespace
}  // namespace turnout
