#include "orchestrator/ice_servers/supply/call_servers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

ScenarioServer restServer(milliseconds ttl) {
  ScenarioServer server;
  server.urls = {"turn:turn.example.org"};
  server.rest_secret = Secret("shared");
  server.rest_ttl = ttl;
  return server;
}

TurnArm armOf(std::vector<ScenarioServer> servers) {
  return {.name = "arm", .relay_only = false, .ice_servers = std::move(servers)};
}

// "1700000000:call-3"
std::chrono::seconds expiryOf(const IceServer& server) {
  return std::chrono::seconds(std::stoll(server.username));
}

TEST(RenewalPeriod, LeavesAFifthOfTheLifetime) {
  EXPECT_EQ(renewalPeriod(armOf({restServer(600s)})), 480s);
  EXPECT_EQ(renewalPeriod(armOf({restServer(250s)})), 200s);
  EXPECT_EQ(renewalPeriod(armOf({restServer(4s)})), 3200ms);
  EXPECT_EQ(renewalPeriod(armOf({restServer(600s), restServer(4s)})), 3200ms)
      << "the first that is due";
}

TEST(RenewalPeriod, IsAbsentWhereNothingIsToBeRenewed) {
  EXPECT_EQ(renewalPeriod(armOf({})), std::nullopt);
  ScenarioServer kept = restServer(4s);
  kept.rest_renew = false;
  EXPECT_EQ(renewalPeriod(armOf({kept})), std::nullopt);
}

struct ServersOfCalls : testing::Test {
  Loop loop;
  std::vector<CallServers::Renewed> given;
  std::vector<TurnArm> arms = {armOf({restServer(4s)}), armOf({})};
  CallServers servers{
      loop, {.arms = arms}, [this](CallServers::Renewed now) { given.push_back(std::move(now)); }};

  void begin(int call, int arm) { ASSERT_TRUE(servers.begin({.id = call, .arm = arm})); }
};

TEST_F(ServersOfCalls, ThatRunAndOnlyThoseGetExpiredOnesAndThenGoodOnes) {
  begin(0, 0);
  begin(1, 0);
  begin(2, 1);  // has no credentials
  servers.end(0);
  servers.expire("");
  ASSERT_THAT(given, SizeIs(1));
  EXPECT_EQ(given[0].call, 1);
  EXPECT_EQ(given[0].reason, "expired");
  EXPECT_LT(expiryOf(given[0].servers.at(0)), unixTime());
  servers.restore("");
  ASSERT_THAT(given, SizeIs(2));
  EXPECT_EQ(given[1].reason, "rotated");
  EXPECT_GT(expiryOf(given[1].servers.at(0)), unixTime());
}

TEST_F(ServersOfCalls, ThatBeginMeanwhileGetExpiredOnesToo) {
  servers.expire("");
  const auto list = servers.begin({.id = 3, .arm = 0});
  ASSERT_TRUE(list);
  EXPECT_LT(expiryOf(list->at(0)), unixTime());
}

TEST_F(ServersOfCalls, OfAnotherServiceStayAsTheyAre) {
  begin(0, 0);
  servers.expire("coturn-rest");
  EXPECT_GT(expiryOf(given.at(0).servers.at(0)), unixTime());
}

TEST_F(ServersOfCalls, AreRenewedBeforeTheyExpireUntilTheCallEnds) {
  arms[0].ice_servers = {restServer(40ms)};
  CallServers quick(loop, {.arms = arms},
                    [this](CallServers::Renewed now) { given.push_back(std::move(now)); });
  ASSERT_TRUE(quick.begin({.id = 0, .arm = 0}));
  ASSERT_TRUE(loop.runUntil([this] { return given.size() >= 3; }, 5s));
  EXPECT_EQ(given[2].reason, "rotated");
  quick.end(0);
  const std::size_t until_then = given.size();
  loop.runUntil([] { return false; }, 100ms);
  EXPECT_EQ(given.size(), until_then);
}

TEST_F(ServersOfCalls, AreNotRenewedAfterTheRun) {
  begin(0, 0);
  servers.endAll();
  servers.expire("");
  EXPECT_THAT(given, IsEmpty());
}

}  // namespace
}  // namespace turnout
