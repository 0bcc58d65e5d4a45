#include "orchestrator/results/fold/network_grid.h"

#include "orchestrator/results/fold/summary.h"
#include "tests/unit/results/call_script.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)

TurnArm armWith(std::vector<std::string> urls) {
  TurnArm arm{.name = "a", .relay_only = false, .ice_servers = {}};
  if (!urls.empty())
    arm.ice_servers.emplace_back().urls = std::move(urls);
  return arm;
}

const TurnArm kNoServers = armWith({});
const TurnArm kStunOnly = armWith({"stun:{coturn}"});
const TurnArm kTurnUdp = armWith({"stun:{coturn}", "turn:{coturn}?transport=udp"});
const TurnArm kTurnTcp = armWith({"stun:{coturn}", "turn:{coturn}?transport=tcp"});
const TurnArm kTurnTls = armWith({"stun:{coturn}", "turns:{coturn}?transport=tcp"});

SiteSpec siteOf(NatKind nat, FirewallKind firewall = FirewallKind::kNone) {
  return {.name = "s", .nat = nat, .firewall = firewall};
}

std::string pathOf(const TurnArm& arm, const SiteSpec& one, const SiteSpec& other) {
  const auto path = predictedPath(arm, one, other);
  EXPECT_EQ(path, predictedPath(arm, other, one)) << "as long as both ends are alike";
  return toString(path);
}

const SiteSpec kPublicSite = siteOf(NatKind::kPublic);
const SiteSpec kFullConeSite = siteOf(NatKind::kFullCone);
const SiteSpec kAddressSite = siteOf(NatKind::kAddressRestricted);
const SiteSpec kPortSite = siteOf(NatKind::kPortRestricted);
const SiteSpec kSymmetricSite = siteOf(NatKind::kSymmetric);
const SiteSpec kNoUdpSite = siteOf(NatKind::kPortRestricted, FirewallKind::kNoUdp);
const SiteSpec kWebSite = siteOf(NatKind::kPortRestricted, FirewallKind::kWebOnly);
const SiteSpec kDpiSite = siteOf(NatKind::kPortRestricted, FirewallKind::kTls443Dpi);

TEST(PredictedPath, WithoutServersOnlyAPublicHostIsFound) {
  for (const SiteSpec& site : {kPublicSite, kFullConeSite, kPortSite, kSymmetricSite})
    EXPECT_EQ(pathOf(kNoServers, kPublicSite, site), "direct");
  EXPECT_EQ(pathOf(kNoServers, kFullConeSite, kFullConeSite), "none")
      << "its mapped address is not known";
  EXPECT_EQ(pathOf(kNoServers, kPublicSite, kNoUdpSite), "none");
}

TEST(PredictedPath, WithStunItIsWhoMeetsWhom) {
  for (const NatKind one : allNatKinds())
    for (const NatKind other : allNatKinds())
      EXPECT_EQ(pathOf(kStunOnly, siteOf(one), siteOf(other)),
                canMeet(one, other) ? "direct" : "none")
          << toString(one) << " " << toString(other);
  EXPECT_EQ(pathOf(kStunOnly, kNoUdpSite, kFullConeSite), "none");
}

TEST(PredictedPath, ARelayHelpsWhereItsWayIsOpen) {
  EXPECT_EQ(pathOf(kTurnUdp, kSymmetricSite, kSymmetricSite), "relayed");
  EXPECT_EQ(pathOf(kTurnUdp, kPortSite, kAddressSite), "either") << "the agent chooses";
  EXPECT_EQ(pathOf(kTurnUdp, kNoUdpSite, kPortSite), "none")
      << "the other's relay cannot be sent to";
  EXPECT_EQ(pathOf(kTurnTcp, kNoUdpSite, kPortSite), "relayed");
  EXPECT_EQ(pathOf(kTurnTcp, kNoUdpSite, kNoUdpSite), "relayed");
  EXPECT_EQ(pathOf(kTurnTcp, kWebSite, kPortSite), "none") << "TCP to 3478 is not web traffic";
  EXPECT_EQ(pathOf(kTurnTls, kWebSite, kDpiSite), "relayed");
}

TEST(PredictedPath, APolicyOfRelayAllowsNoOther) {
  TurnArm relay = kTurnUdp;
  relay.relay_only = true;
  EXPECT_EQ(pathOf(relay, kPublicSite, kPublicSite), "relayed");
  EXPECT_EQ(pathOf(relay, kPublicSite, kNoUdpSite), "none");
}

TEST(PredictedPath, AnEndWithoutServersIsFoundWhereItsAddressIsTold) {
  TurnArm arm = kTurnUdp;
  arm.callee = CalleeEnd{.relay_only = false, .has_servers = false};
  EXPECT_EQ(predictedPath(arm, kPortSite, kPublicSite), PathPrediction::kEither);
  EXPECT_EQ(predictedPath(arm, kPortSite, kPortSite), PathPrediction::kNone)
      << "its mapped address has no permission at the relay (RFC 8656 9)";
  EXPECT_EQ(predictedPath(arm, kFullConeSite, kPortSite), PathPrediction::kDirect);
}

// Two sites, two arms: a direct one with STUN, and none at all.
Scenario gridScenario() {
  Scenario scenario = scenarioOf({"stun", "host"}, 2);
  scenario.turn[0].ice_servers = kStunOnly.ice_servers;
  SiteSpec home = kPortSite, phone = kSymmetricSite;
  home.name = "home";
  phone.name = "phone";
  scenario.networks = Networks{.sites = {home, phone}, .pairs = {{0, 0}, {0, 1}}};
  return scenario;
}

// The calls of a cell, in order of the plan.
std::vector<int> callsOf(const Scenario& scenario, int arm, int pair) {
  std::vector<int> calls;
  for (const PlannedCall& call : makePlan(scenario).calls)
    if (call.arm == arm && call.pair == pair)
      calls.push_back(call.id);
  return calls;
}

Outcomes outcomesOf(const std::vector<CallOutcome>& calls) {
  return {.run = {}, .calls = calls, .untold = {}};
}

CallOutcome outcomeOf(int arm, int pair, CallState state, const std::string& path = "srflx-prflx",
                      Duration connect = 100ms) {
  CallOutcome call;
  call.arm = arm;
  call.pair = pair;
  call.state = state;
  call.started = true;
  if (state == CallState::kSucceeded) {
    call.paths = {path};
    call.connect_time = connect;
  }
  return call;
}

TEST(NetworkGrid, CountsEachCellAndHoldsItToThePrediction) {
  const Scenario scenario = gridScenario();
  const NetworkGrid grid = gridOf(
      scenario, {outcomeOf(0, 0, CallState::kSucceeded, "srflx-srflx", 300ms),
                 outcomeOf(0, 0, CallState::kSucceeded), outcomeOf(0, 1, CallState::kFailed),
                 outcomeOf(1, 0, CallState::kAborted), outcomeOf(1, 1, CallState::kSucceeded)});
  EXPECT_EQ(grid.at(0, 0).connected, 2);
  EXPECT_EQ(grid.at(0, 0).direct, 2);
  EXPECT_EQ(grid.at(0, 0).connect_ms.percentile(50), 100);
  EXPECT_EQ(grid.at(0, 0).isAsPredicted(), true);
  EXPECT_EQ(grid.at(0, 1).isAsPredicted(), true) << "symmetric and port-restricted do not meet";
  EXPECT_EQ(grid.at(1, 0).isAsPredicted(), std::nullopt) << "turnout lost its only call";
  EXPECT_EQ(grid.at(1, 1).isAsPredicted(), false);
  EXPECT_EQ(grid.told(), 3);
  EXPECT_EQ(grid.asPredicted(), 2);
  EXPECT_EQ(grid.mixed(), 0);
}

TEST(NetworkGrid, ACellWhoseCallsDifferIsMixedAndNeverAsPredicted) {
  const NetworkGrid grid =
      gridOf(gridScenario(),
             {outcomeOf(0, 0, CallState::kSucceeded), outcomeOf(0, 0, CallState::kFailed),
              outcomeOf(1, 0, CallState::kSucceeded), outcomeOf(1, 0, CallState::kFailed)});
  EXPECT_EQ(grid.mixed(), 2);
  EXPECT_EQ(grid.asPredicted(), 0);
}

TEST(NetworkGrid, APathThatShouldNotBeIsASurprise) {
  const NetworkGrid grid =
      gridOf(gridScenario(), {outcomeOf(0, 0, CallState::kSucceeded, "relay-srflx")});
  EXPECT_EQ(grid.at(0, 0).relayed, 1);
  EXPECT_EQ(grid.at(0, 0).isAsPredicted(), false);
}

TEST(NetworkGrid, TheSummaryKnowsHowManyCallsWentAsPredicted) {
  const Scenario scenario = gridScenario();
  const Summary summary = summarise(
      scenario,
      outcomesOf({outcomeOf(0, 0, CallState::kSucceeded), outcomeOf(0, 1, CallState::kFailed),
                  outcomeOf(1, 0, CallState::kAborted), outcomeOf(1, 1, CallState::kSucceeded)}));
  EXPECT_EQ(summary.total.as_predicted.successes, 2);
  EXPECT_EQ(summary.total.as_predicted.trials, 3);
  EXPECT_EQ(summary.cells.at(1).as_predicted.successes, 0);
  ASSERT_TRUE(summary.grid);
  EXPECT_FALSE(summarise(scenarioOf({"a"}, 1), {}).grid);
}

TEST(NetworkGrid, TheFoldKnowsThePairOfEachCall) {
  const Scenario scenario = gridScenario();
  const std::vector<int> calls = callsOf(scenario, 0, 1);
  ASSERT_EQ(calls.size(), 2U);
  Fold fold(scenario, makePlan(scenario));
  for (const Event& event : wholeRun(failedCall(calls[0], FailureCause::kIceFailed)))
    fold.add(event);
  EXPECT_EQ(gridOf(scenario, fold.finish().calls).at(0, 1).failed, 1);
}

}  // namespace
}  // namespace turnout
