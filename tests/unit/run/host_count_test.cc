#include "orchestrator/run/host_count.h"

#include <gtest/gtest.h>

namespace turnout {
namespace {

Plan planWithStarts(const std::vector<Duration>& starts) {
  Plan plan;
  for (const Duration start : starts) {
    PlannedCall call;
    call.start = start;
    plan.calls.push_back(call);
  }
  return plan;
}

TEST(PeakBots, CountsCallsThatOverlap) {
  EXPECT_EQ(peakBots(planWithStarts({}), 1s), 0);
  EXPECT_EQ(peakBots(planWithStarts({0s}), 1s), 2);
  EXPECT_EQ(peakBots(planWithStarts({0s, 1s, 2s}), 1s), 2);  // one ends as the next starts
  EXPECT_EQ(peakBots(planWithStarts({0s, 0s, 500ms, 5s}), 1s), 6);
}

TEST(HostCount, IsOneHostPerHundredBotsOfThePeak) {
  Scenario scenario;
  EXPECT_EQ(hostCount(scenario, planWithStarts({0s}), 4), 1);
  EXPECT_EQ(hostCount(scenario, planWithStarts(std::vector<Duration>(50, 0s)), 4), 1);
  EXPECT_EQ(hostCount(scenario, planWithStarts(std::vector<Duration>(51, 0s)), 4), 2);
}

TEST(HostCount, NeverExceedsTwoPerCore) {
  const Plan crowd = planWithStarts(std::vector<Duration>(5000, 0s));
  EXPECT_EQ(hostCount(Scenario(), crowd, 2), 4);
  EXPECT_EQ(hostCount(Scenario(), crowd, 0), 1);  // number of cores not known
}

TEST(HostCount, TheScenarioDecidesWhenItSays) {
  Scenario scenario;
  scenario.hosts = 7;
  EXPECT_EQ(hostCount(scenario, planWithStarts({0s}), 1), 7);
}

}  // namespace
}  // namespace turnout
