#include "scenarios/plan.h"

#include "pipelines/base/json.h"
#include "scenarios/load.h"
#include "tests/support/golden.h"

#include <set>

#include <gtest/gtest.h>

namespace turnout {
namespace {

Scenario scenarioOfArms(int arms) {
  Scenario scenario;
  scenario.name = "plan-test";
  for (int i = 0; i < arms; i++)
    scenario.turn.push_back(
        {.name = "arm" + std::to_string(i), .relay_only = false, .ice_servers = {}});
  return scenario;
}

std::string planned(const Scenario& scenario) {
  return planJson(makePlan(scenario), scenario);
}

TEST(Plan, IsTheGoldenOne) {
  Scenario scenario = scenarioOfArms(3);
  scenario.calls_per_arm = 4;
  expectGolden("plans/poisson.json", planned(scenario));
  scenario.arrival_shape = ArrivalShape::kEven;
  scenario.repetitions = 2;
  scenario.seed = 42;
  expectGolden("plans/even_repeated.json", planned(scenario));
}

TEST(Plan, SameSeedGivesTheSameBytes) {
  EXPECT_EQ(planned(scenarioOfArms(5)), planned(scenarioOfArms(5)));
}

TEST(Plan, AnotherSeedGivesOtherBytes) {
  Scenario other = scenarioOfArms(5);
  other.seed = 2;
  EXPECT_NE(planned(scenarioOfArms(5)), planned(other));
}

TEST(Plan, AnotherArrivalShapeLeavesOrderAndCallSeedsAsTheyWere) {
  Scenario even = scenarioOfArms(5);
  even.arrival_shape = ArrivalShape::kEven;
  const Plan a = makePlan(scenarioOfArms(5));
  const Plan b = makePlan(even);
  for (std::size_t i = 0; i < a.calls.size(); i++) {
    EXPECT_EQ(a.calls[i].arm, b.calls[i].arm);
    EXPECT_EQ(a.calls[i].seed, b.calls[i].seed);
  }
}

TEST(Plan, EveryBlockHoldsEveryArmOnce) {
  for (std::uint64_t seed = 0; seed < 50; seed++) {
    Scenario scenario = scenarioOfArms(1 + static_cast<int>(seed % 7));
    scenario.seed = seed;
    scenario.repetitions = 2;
    const Plan plan = makePlan(scenario);
    std::set<std::pair<int, int>> seen;  // block, arm
    for (const PlannedCall& call : plan.calls)
      EXPECT_TRUE(seen.emplace(call.block, call.arm).second) << "seed " << seed;
    EXPECT_EQ(seen.size(), scenario.turn.size() * 10 * 2);
    EXPECT_EQ(plan.calls.size(), seen.size());
    EXPECT_EQ(plan.calls.back().block, 19);
  }
}

TEST(Plan, BlocksAreNotAllInOneOrder) {
  const Plan plan = makePlan(scenarioOfArms(4));
  std::set<std::vector<int>> orders;
  for (std::size_t i = 0; i < plan.calls.size(); i += 4)
    orders.insert(
        {plan.calls[i].arm, plan.calls[i + 1].arm, plan.calls[i + 2].arm, plan.calls[i + 3].arm});
  EXPECT_GT(orders.size(), 4U);
}

TEST(Plan, CallsAreNumberedInTheOrderOfTheirStart) {
  const Plan plan = makePlan(scenarioOfArms(3));
  for (std::size_t i = 0; i < plan.calls.size(); i++) {
    EXPECT_EQ(plan.calls[i].id, static_cast<int>(i));
    EXPECT_GE(plan.calls[i].start, plan.calls[i == 0 ? 0 : i - 1].start);
  }
  EXPECT_EQ(plan.lastStart(), plan.calls.back().start);
}

TEST(Plan, RepetitionsCountOnThroughTheBlocks) {
  Scenario scenario = scenarioOfArms(2);
  scenario.calls_per_arm = 3;
  scenario.repetitions = 2;
  for (const PlannedCall& call : makePlan(scenario).calls)
    EXPECT_EQ(call.repetition, call.block / 3);
}

TEST(Plan, FiveThousandCallsOfTwoBotsLoadAndPlan) {
  const ScenarioLoad load = parseScenario(
      R"({"name": "big", "calls": {"per_arm": 5000, "bots": 2}, "arrival": {"rate_per_s": 100}})");
  ASSERT_TRUE(std::holds_alternative<LoadedScenario>(load));
  const Plan plan = makePlan(std::get<LoadedScenario>(load).scenario);
  ASSERT_EQ(plan.calls.size(), 5000U);
  EXPECT_NEAR(toMs(plan.lastStart()), 50'000, 3'000);
  std::set<std::uint64_t> seeds;
  for (const PlannedCall& call : plan.calls)
    seeds.insert(call.seed);
  EXPECT_EQ(seeds.size(), 5000U);
}

TEST(Plan, ItsJsonIsReadBackWithoutLoss) {
  Scenario scenario = scenarioOfArms(2);
  scenario.seed = (1ULL << 53) - 1;
  const Plan plan = makePlan(scenario);
  const auto json = JsonValue::parse(planJson(plan, scenario));
  ASSERT_TRUE(json);
  EXPECT_EQ(json->integerOr("seed", 0), static_cast<std::int64_t>(scenario.seed));
  const auto calls = json->get("calls").elements();
  ASSERT_EQ(calls.size(), plan.calls.size());
  for (std::size_t i = 0; i < calls.size(); i++) {
    EXPECT_EQ(calls[i].integerOr("seed", 0), static_cast<std::int64_t>(plan.calls[i].seed));
    EXPECT_DOUBLE_EQ(calls[i].numberOr("start_ms", -1), toMs(plan.calls[i].start));
  }
}

TEST(Plan, OfARunThatMayGrowBeginsWithThePlanOfOneThatMayNot) {
  Scenario scenario = scenarioOfArms(3);
  const Plan plan = makePlan(scenario);
  const int first = scenario.firstCallsPerArm();
  scenario.max_calls_per_arm = 3 * first;
  const Plan largest = makeLargestPlan(scenario);
  ASSERT_EQ(largest.calls.size(), 3 * plan.calls.size());
  for (std::size_t i = 0; i < plan.calls.size(); i++) {
    EXPECT_EQ(largest.calls[i].arm, plan.calls[i].arm);
    EXPECT_EQ(largest.calls[i].start, plan.calls[i].start);
    EXPECT_EQ(largest.calls[i].seed, plan.calls[i].seed);
  }
  EXPECT_EQ(planJson(plan, scenario).find("if_extended"), std::string::npos);
  EXPECT_NE(planJson(largest, scenario).find("if_extended"), std::string::npos);
}

}  // namespace
}  // namespace turnout
