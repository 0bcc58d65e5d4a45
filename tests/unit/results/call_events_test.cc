#include "orchestrator/results/fold/stored_run.h"
#include "orchestrator/results/judge/measures.h"
#include "orchestrator/results/judge/verdict.h"
#include "pipelines/base/files.h"
#include "tests/unit/results/call_script.h"
#include "tests/unit/results/run_on_disk.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)

constexpr const char* kScenario = R"({"name": "s", "calls": {"per_arm": 20},
  "turn": [{"name": "direct"}]})";

Outcomes outcomesOf(int calls, const std::set<int>& failed) {
  const Scenario scenario = scenarioOf({"direct"}, calls);
  Script script;
  for (int call = 0; call < calls; call++)
    script = script +
             (failed.contains(call) ? failedCall(call, FailureCause::kIceFailed) : goodCall(call));
  return foldOf(wholeRun(script), scenario);
}

TEST(CallsToShow, AllOfThemIfThereIsRoom) {
  EXPECT_EQ(callsToShow(outcomesOf(10, {3}), 10, 1).size(), 10u);
}

TEST(CallsToShow, AllWithTroubleAndASampleOfTheOthers) {
  const Outcomes outcomes = outcomesOf(40, {3, 17, 38});
  const auto shown = callsToShow(outcomes, 10, 7);
  EXPECT_EQ(shown.size(), 10u);
  EXPECT_TRUE(shown.contains(3) && shown.contains(17) && shown.contains(38));
  EXPECT_EQ(shown, callsToShow(outcomes, 10, 7));
  EXPECT_NE(shown, callsToShow(outcomes, 10, 8));
}

TEST(CallsToShow, TooMuchTroubleIsSampledAndLeavesAFifthToTheOthers) {
  std::set<int> failed;
  for (int call = 0; call < 30; call++)
    failed.insert(call);
  const auto shown = callsToShow(outcomesOf(40, failed), 10, 1);
  EXPECT_EQ(shown.size(), 10u);
  EXPECT_EQ(std::distance(shown.lower_bound(30), shown.end()), 2);
}

TEST(CallEvents, ThoseOfTheCallsAskedForInOrderOfTime) {
  const auto dir = TempDir::create("call-events");
  ASSERT_TRUE(dir);
  storeRun(dir->path(), kScenario, 1, [](const PlannedCall&) { return 1.0; });
  const auto events = readCallEvents(dir->path(), {4, 11});
  ASSERT_TRUE(events) << events.error().what;
  ASSERT_EQ(events->size(), 2u);
  EXPECT_EQ(events->at(11).size(), goodCall(11).size());
  EXPECT_TRUE(std::is_sorted(events->at(4).begin(), events->at(4).end(),
                             [](const Event& a, const Event& b) { return a.at < b.at; }));
  EXPECT_FALSE(readCallEvents(dir->path() + "/none", {1}));
}

TEST(Evidence, RatesAndPercentilesHaveAnIntervalAndCountsHaveNone) {
  const Scenario scenario = scenarioOf({"direct"}, 20);
  const Summary summary = summarise(scenario, outcomesOf(20, {5}));
  const auto of = [&](const char* key, const char* expression) {
    return evidenceIn(summary.total, *parseThreshold(key, expression));
  };
  const Evidence rate = of("success_rate", "rate>=0.9");
  EXPECT_EQ(rate.n, 20u);
  EXPECT_NEAR(rate.interval->low, 0.7639, 1e-4);
  EXPECT_EQ(of("connect_time", "p(50)<900").interval->low, 100);
  EXPECT_TRUE(std::isinf(of("connect_time", "p(99)<900").interval->high));
  EXPECT_FALSE(of("connect_time", "max<900").interval);
  EXPECT_EQ(of("app_faults", "count<=0").n, 20u);
}

}  // namespace
}  // namespace turnout
