#include "orchestrator/results/fold/network_grid.h"

#include "orchestrator/results/fold/network_mix.h"
#include "orchestrator/results/fold/summary.h"
#include "scenarios/load.h"
#include "tests/unit/results/call_script.h"

#include <fstream>
#include <sstream>

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
  scenario.networks = Networks{.sites = {home, phone}, .pairs = {{0, 0}, {0, 1}}, .mix = {}};
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

TEST(NetworkMix, WeighsEachPairByWhoCallsWhom) {
  Scenario scenario = gridScenario();
  scenario.networks->pairs = {{0, 0}, {0, 1}, {1, 1}};
  scenario.networks->mix = {0.8, 0.2};
  std::vector<CallOutcome> calls;
  for (int i = 0; i < 100; ++i) {
    calls.push_back(outcomeOf(0, 0, CallState::kSucceeded));
    calls.push_back(outcomeOf(0, 1, CallState::kFailed));
    calls.push_back(outcomeOf(0, 2, i < 50 ? CallState::kSucceeded : CallState::kFailed));
  }
  const auto rates = mixedRates(gridOf(scenario, calls));
  ASSERT_EQ(rates.size(), 2U);
  ASSERT_TRUE(rates[0]);
  EXPECT_DOUBLE_EQ(rates[0]->rate, 0.64 + 0.04 / 2);
  EXPECT_DOUBLE_EQ(rates[0]->predicted, 0.64) << "symmetric NATs do not meet";
  EXPECT_GT(rates[0]->interval.low, 0.62);
  EXPECT_LT(rates[0]->interval.low, rates[0]->rate);
  EXPECT_LT(rates[0]->interval.high, 0.69);
  EXPECT_FALSE(rates[1]) << "no call finished there";
  scenario.networks->mix.clear();
  EXPECT_TRUE(mixedRates(gridOf(scenario, calls)).empty());
}

TEST(NetworkMix, BothWaysOfAPairShareItsWeight) {
  Networks networks{.sites = {}, .pairs = {{0, 0}, {0, 1}, {1, 0}, {1, 1}}, .mix = {0.5, 0.5}};
  double sum = 0;
  for (const SitePair& pair : networks.pairs)
    sum += shareOf(networks, pair);
  EXPECT_DOUBLE_EQ(sum, 1);
}

// A fault of a site is none of a call that has no bot there.
TEST(NetworkGrid, FaultsOfASiteAreOfTheCallsThere) {
  Scenario scenario = gridScenario();
  const auto faultsWith = [&](const std::string& site) {
    const int call = callsOf(scenario, 0, 0).front();  // home and home
    const double at = startOf(call) + 1000;
    Fold fold(scenario, makePlan(scenario));
    for (const Event& event : wholeRun(
             goodCall(call) + Script{ofRun(at, FaultApplied{"outage", site, 0}),
                                     ofLink(at + 1000, call, 0, 1, LinkLost{"silence", 1000}),
                                     ofRun(at + 1500, FaultOver{"outage", site}),
                                     ofLink(at + 1600, call, 0, 1, LinkRecovered{"none", 1600})}))
      fold.add(event);
    return fold.finish().calls.at(0).steps.size();
  };
  EXPECT_EQ(faultsWith("home"), 1U);
  EXPECT_EQ(faultsWith("phone"), 0U);
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

// --- the table of docs/EXPECTATIONS.md, made again from the predictions ---

constexpr std::size_t kSites = 8, kArms = 5;

// The sites of nat-grid.json; arms that add a transport each.
Scenario expectationsScenario() {
  const ScenarioLoad grid = loadScenario("scenarios/nat-grid.json");
  Scenario scenario = std::get<LoadedScenario>(grid).scenario;
  scenario.turn.clear();
  std::vector<std::string> urls;
  for (const char* url : {"", "stun:{coturn}", "turn:{coturn}?transport=udp",
                          "turn:{coturn}?transport=tcp", "turns:{coturn}"}) {
    if (*url)
      urls.emplace_back(url);
    TurnArm& arm = scenario.turn.emplace_back();
    arm.ice_servers.emplace_back().urls = urls;
  }
  return scenario;
}

// The numbers of each row, without its name.
std::vector<std::vector<double>> tableRows() {
  std::ifstream file("docs/EXPECTATIONS.md");
  std::vector<std::vector<double>> rows;
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("| ") || line.starts_with("| population"))
      continue;
    std::vector<double> numbers;
    std::istringstream cells(line.substr(line.find('|', 1) + 1));
    for (std::string cell; std::getline(cells, cell, '|');)
      numbers.push_back(std::stod(cell));
    rows.push_back(std::move(numbers));
  }
  return rows;
}

TEST(ExpectationsDocument, SaysWhatThePredictionsSay) {
  Scenario scenario = expectationsScenario();
  Networks& networks = *scenario.networks;
  ASSERT_EQ(networks.sites.size(), kSites);
  const auto rows = tableRows();
  EXPECT_GE(rows.size(), 5U);
  for (const std::vector<double>& row : rows) {
    ASSERT_EQ(row.size(), kSites + kArms);
    networks.mix.clear();
    for (std::size_t site = 0; site < kSites; ++site)
      networks.mix.push_back(row[site] / 100);
    const NetworkGrid grid = emptyGrid(scenario);
    for (std::size_t arm = 0; arm < kArms; ++arm) {
      double predicted = 0;
      for (std::size_t pair = 0; pair < networks.pairs.size(); ++pair)
        if (grid.at(arm, pair).predicted != PathPrediction::kNone)
          predicted += shareOf(networks, networks.pairs[pair]);
      EXPECT_NEAR(row[kSites + arm], 100 * predicted, 0.06) << "arm " << arm;
    }
  }
}

}  // namespace
}  // namespace turnout
