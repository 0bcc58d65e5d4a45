#include "orchestrator/run/run_size.h"

#include <gmock/gmock.h>
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
  EXPECT_EQ(peakBots(planWithStarts({0s, 1s, 2s}), 0s), 2);  // each ends as it starts
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

TEST(HostCount, BotsOfACallThatAreApartHaveAHostEach) {
  Scenario scenario;
  scenario.shape.bots = 8;
  EXPECT_EQ(hostCount(scenario, planWithStarts({0s}), 2), 1);
  scenario.placement = Placement::kApart;
  EXPECT_EQ(hostCount(scenario, planWithStarts({0s}), 2), 8);
}

TEST(HostCount, TheScenarioDecidesWhenItSays) {
  Scenario scenario;
  scenario.hosts = 7;
  EXPECT_EQ(hostCount(scenario, planWithStarts({0s}), 1), 7);
}

Scenario pairs() {
  Scenario scenario;
  scenario.hold = 10s;
  return scenario;
}

TEST(RunSize, AMachineThatHasEnoughIsShortOfNothing) {
  const RunNeeds needs = needsOf(pairs(), planWithStarts(std::vector<Duration>(24, 0s)), 1);
  EXPECT_EQ(needs.bots, 48);
  EXPECT_TRUE(shortages(needs, {}).empty()) << "no limits at all";
  EXPECT_TRUE(shortages(needs, {.files_per_process = 1024,
                                .ports = 28'000,
                                .threads = 4096,
                                .memory_bytes = std::uint64_t{1} << 30,
                                .disk_bytes = std::uint64_t{1} << 30})
                  .empty());
}

TEST(RunSize, EachShortageIsNamedWithWhatIsThereAndWhatToDo) {
  const RunNeeds needs = needsOf(pairs(), planWithStarts(std::vector<Duration>(24, 0s)), 1);
  const auto one = [&](const MachineRoom& room) {
    const auto texts = shortages(needs, room);
    EXPECT_EQ(texts.size(), 1u);
    return texts.empty() ? "" : texts[0];
  };
  EXPECT_EQ(
      one({.files_per_process = 256}),
      "48 bots at a time need some 300 open files in one bot host, and 256 are allowed: raise "
      "the limit (ulimit -Hn), or use more bot hosts (--hosts)");
  EXPECT_THAT(one({.addresses_per_process = std::uint64_t{400} << 20}),
              testing::HasSubstr("400 MB are allowed: raise the limit (ulimit -v)"));
  EXPECT_THAT(one({.ports = 21}), testing::HasSubstr("96 local ports, and this machine has 21"));
  EXPECT_THAT(one({.threads = 60}), testing::HasSubstr("ulimit -Hu"));
  EXPECT_THAT(one({.memory_bytes = 1 << 20}), testing::HasSubstr("1 MB are free"));
  EXPECT_THAT(one({.disk_bytes = 4096}), testing::HasSubstr("--out"));
}

TEST(RunSize, MoreHostsNeedFewerFilesEach) {
  const Plan plan = planWithStarts(std::vector<Duration>(24, 0s));
  EXPECT_LT(needsOf(pairs(), plan, 4).files_per_host, 256u);
}

TEST(RunSize, ThisMachineHasRoom) {
  const MachineRoom room = roomOfThisMachine("/tmp");
  EXPECT_GT(room.ports.value_or(1), 0u);
  EXPECT_GT(room.memory_bytes.value_or(1), 0u);
  EXPECT_GT(room.disk_bytes.value_or(1), 0u);
  EXPECT_FALSE(roomOfThisMachine("/no/such/folder").disk_bytes);
}

}  // namespace
}  // namespace turnout
