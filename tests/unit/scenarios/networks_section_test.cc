#include "scenarios/load.h"
#include "scenarios/plan.h"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

ScenarioLoad loadNetworks(const std::string& networks, const std::string& more = "") {
  return parseScenario(R"({"name": "x", "networks": )" + networks + more + "}");
}

Scenario scenarioWithNetworks(const std::string& networks, const std::string& more = "") {
  const auto result = loadNetworks(networks, more);
  if (const auto* problems = std::get_if<ScenarioProblems>(&result)) {
    ADD_FAILURE() << problemsText("f", *problems);
    return {};
  }
  return std::get<LoadedScenario>(result).scenario;
}

Networks networksOf(const std::string& networks) {
  return scenarioWithNetworks(networks).networks.value_or(Networks{});
}

std::string networkProblems(const std::string& networks, const std::string& more = "") {
  const auto result = loadNetworks(networks, more);
  const auto* problems = std::get_if<ScenarioProblems>(&result);
  return problems ? problemsText("f", *problems) : "";
}

TEST(Networks, AWordIsAPresetOrANat) {
  const Networks networks = networksOf(R"({"sites": ["mobile_hotspot", "full_cone"]})");
  ASSERT_EQ(networks.sites.size(), 2U);
  EXPECT_EQ(networks.sites[0].name, "mobile_hotspot");
  EXPECT_EQ(networks.sites[0].nat, NatKind::kSymmetric);
  EXPECT_EQ(networks.sites[0].up.delay, 30ms);
  EXPECT_EQ(networks.sites[1].nat, NatKind::kFullCone);
  EXPECT_FALSE(networks.sites[1].hasLine());
}

TEST(Networks, AnObjectSaysWhatDiffersFromItsPreset) {
  const Networks networks = networksOf(R"({"sites": [
      {"firewall": "tls443_dpi", "name": "work", "preset": "corporate", "action": "drop",
       "up": {"delay_ms": 7, "jitter_ms": 2, "loss": 0.25, "rate_kbps": 900, "queue_ms": 50}}]})");
  ASSERT_EQ(networks.sites.size(), 1U);
  const SiteSpec& site = networks.sites[0];
  EXPECT_EQ(site.name, "work");
  EXPECT_EQ(site.nat, NatKind::kSymmetric) << "of the preset";
  EXPECT_EQ(site.firewall, FirewallKind::kTls443Dpi);
  EXPECT_EQ(site.action, FirewallAction::kDrop);
  EXPECT_EQ(site.up, (LineDirection{7ms, 2ms, 0.25, 900, 50ms}));
  EXPECT_EQ(site.down.delay, 10ms) << "of the preset";
}

TEST(Networks, WithoutPairsEverySiteMeetsEverySite) {
  EXPECT_THAT(networksOf(R"({"sites": ["home", "office"]})").pairs,
              ElementsAre(SitePair{0, 0}, SitePair{0, 1}, SitePair{1, 1}));
  EXPECT_THAT(
      networksOf(R"({"sites": ["home", "office", "hotel"], "grid": ["hotel", "home"]})").pairs,
      ElementsAre(SitePair{2, 2}, SitePair{2, 0}, SitePair{0, 0}));
  EXPECT_THAT(networksOf(R"({"sites": ["home", "office"], "pairs": [["office", "home"]]})").pairs,
              ElementsAre(SitePair{1, 0}));
}

TEST(Networks, ASiteThatMeetsItselfIsThereTwice) {
  const LabPlaces places = labPlacesOf(networksOf(
      R"({"sites": ["hotel", "home", "office"], "pairs": [["home", "home"], ["office", "home"]]})"));
  ASSERT_EQ(places.sites.size(), 3U) << "the hotel is in no pair";
  EXPECT_EQ(places.sites[0].name, "home");
  EXPECT_EQ(places.sites[1].name, "home (second)");
  EXPECT_EQ(places.sites[2].name, "office");
  EXPECT_EQ(places.pairs[0].of(0), 0U);
  EXPECT_EQ(places.pairs[0].of(1), 1U);
  EXPECT_EQ(places.pairs[1].of(0), 2U);
  EXPECT_EQ(places.pairs[1].of(1), 0U);
}

TEST(Networks, EveryBlockOfThePlanHasEachArmInEachPairOnce) {
  const Scenario scenario =
      scenarioWithNetworks(R"({"sites": ["home", "office"]})",
                           R"(, "calls": {"per_arm": 4}, "turn": [{"name": "a"}, {"name": "b"}])");
  const Plan plan = makePlan(scenario);
  ASSERT_EQ(plan.calls.size(), 4U * 2 * 3);
  std::map<std::tuple<int, int, int>, int> seen;
  for (const PlannedCall& call : plan.calls)
    seen[{call.block, call.arm, call.pair}]++;
  EXPECT_EQ(seen.size(), plan.calls.size());
  EXPECT_EQ(planJson(plan, scenario), planJson(makePlan(scenario), scenario));
  EXPECT_THAT(planJson(plan, scenario), HasSubstr(R"("sites":["home","office"])"));
}

TEST(Networks, OnePairIsPlannedAsNoNetworks) {
  const std::string arms = R"(, "turn": [{"name": "a"}, {"name": "b"}, {"name": "c"}])";
  const Plan with = makePlan(scenarioWithNetworks(R"({"sites": ["home"]})", arms));
  const auto without = parseScenario(R"({"name": "x")" + arms + "}");
  const Plan plan = makePlan(std::get<LoadedScenario>(without).scenario);
  ASSERT_EQ(with.calls.size(), plan.calls.size());
  for (std::size_t i = 0; i < plan.calls.size(); ++i) {
    EXPECT_EQ(with.calls[i].arm, plan.calls[i].arm);
    EXPECT_EQ(with.calls[i].start, plan.calls[i].start);
    EXPECT_EQ(with.calls[i].seed, plan.calls[i].seed);
  }
}

TEST(Networks, MistakesAreNamedAllAtOnce) {
  const std::string text = networkProblems(
      R"({"sites": ["hme", {"name": "a", "nat": "symetric", "up": {"delay": 3}}, {"name": "a"}, 7],
          "pairs": [["a"], ["a", "b"]], "grid": ["a"]})");
  EXPECT_THAT(text, HasSubstr("networks.sites[0]"));
  EXPECT_THAT(text, HasSubstr("\"home\""));
  EXPECT_THAT(text, HasSubstr("\"symmetric\""));
  EXPECT_THAT(text, HasSubstr("\"delay_ms\""));
  EXPECT_THAT(text, HasSubstr("a site named \"a\" is there already"));
  EXPECT_THAT(text, HasSubstr("\"pairs\" or \"grid\", got both"));
  EXPECT_THAT(networkProblems(R"({"sites": ["home"], "pairs": [["home"], ["home", "hme"]]})"),
              testing::AllOf(HasSubstr("expected two sites"), HasSubstr("did you mean \"home\"")));
  EXPECT_THAT(
      networkProblems(R"({"sites": ["home"], "pairs": [["home", "home"], ["home", "home"]]})"),
      HasSubstr("the pair is there already"));
  EXPECT_THAT(networkProblems(R"({"grid": []})"), HasSubstr("\"sites\" is missing"));
}

TEST(Networks, AMixIsOfShares) {
  const Networks networks =
      networksOf(R"({"sites": ["home", "hotel", "office"], "nat_mix": {"office": 1, "home": 3}})");
  EXPECT_THAT(networks.mix, ElementsAre(0.75, 0, 0.25));
  EXPECT_TRUE(networksOf(R"({"sites": ["home"]})").mix.empty());
  const auto problems = [](const std::string& mix, const std::string& pairs) {
    return networkProblems(R"({"sites": ["home", "office"], "pairs": )" + pairs +
                           R"(, "nat_mix": )" + mix + "}");
  };
  const std::string all = R"([["home", "home"], ["office", "home"], ["office", "office"]])";
  EXPECT_EQ(problems(R"({"home": 1, "office": 1})", all), "");
  EXPECT_THAT(problems(R"({"home": 1, "ofice": 1})", all), HasSubstr("did you mean \"office\""));
  EXPECT_THAT(problems(R"({"home": 0})", all), HasSubstr("a weight above 0"));
  EXPECT_THAT(problems(R"({"home": -1})", all), HasSubstr("networks.nat_mix.home"));
  EXPECT_THAT(problems(R"({"home": 1, "office": 1})", R"([["home", "home"], ["home", "office"]])"),
              HasSubstr("people at office and office call each other"));
}

Scenario withFaults(const std::string& faults) {
  return scenarioWithNetworks(
      R"({"sites": [{"name": "a", "up": {"delay_ms": 9}}, "symmetric", "public"]})",
      R"(, "faults": )" + faults);
}

TEST(Networks, FaultsOfSitesAreRead) {
  const Scenario scenario = withFaults(R"([
      {"do": "nat_change", "site": "a", "nat": "symmetric", "at_ms": 1, "for_ms": 2},
      {"do": "firewall_change", "site": "public", "firewall": "no_udp", "action": "reject", "at_ms": 3},
      {"do": "link", "site": "a", "up": {"loss": 0.5}, "at_ms": 4},
      {"do": "outage", "site": "symmetric", "at_ms": 5, "for_ms": 6}])");
  ASSERT_EQ(scenario.faults.size(), 4U);
  EXPECT_EQ(scenario.faults[0].service, "a");
  EXPECT_EQ(scenario.faults[0].nat, NatKind::kSymmetric);
  EXPECT_EQ(scenario.faults[1].firewall, FirewallKind::kNoUdp);
  EXPECT_EQ(scenario.faults[1].action, FirewallAction::kReject);
  EXPECT_EQ(scenario.faults[2].up->loss, 0.5);
  EXPECT_FALSE(scenario.faults[2].down);
  EXPECT_EQ(scenario.faults[3].lasting, 6ms);
}

TEST(Networks, FaultsOfSitesHaveKeysOfTheirOwn) {
  const auto problems = [](const std::string& fault) {
    return networkProblems(
        R"({"sites": [{"name": "a", "up": {"delay_ms": 9}}, "symmetric", "public"]})",
        R"(, "faults": [)" + fault + "]");
  };
  EXPECT_THAT(problems(R"({"do": "outage", "at_ms": 1})"), HasSubstr("\"site\" is missing"));
  EXPECT_THAT(problems(R"({"do": "outage", "at_ms": 1, "site": "symetric"})"),
              HasSubstr("did you mean \"symmetric\""));
  EXPECT_THAT(problems(R"({"do": "outage", "at_ms": 1, "site": "a", "nat": "symmetric"})"),
              HasSubstr("is no key of outage"));
  EXPECT_THAT(problems(R"({"do": "nat_change", "at_ms": 1, "site": "a"})"),
              HasSubstr("\"nat\" is missing"));
  EXPECT_THAT(problems(R"({"do": "nat_change", "at_ms": 1, "site": "a", "nat": "public"})"),
              HasSubstr("links of their own"));
  EXPECT_THAT(problems(R"({"do": "nat_rebind", "at_ms": 1, "site": "public"})"),
              HasSubstr("has no NAT"));
  EXPECT_THAT(problems(R"({"do": "nat_rebind", "at_ms": 1, "for_ms": 3, "site": "a"})"),
              HasSubstr("does not come back"));
  EXPECT_THAT(problems(R"({"do": "link", "at_ms": 1, "site": "symmetric", "up": {"loss": 1}})"),
              HasSubstr("the site has no line"));
  EXPECT_THAT(problems(R"({"do": "link", "at_ms": 1, "site": "a"})"),
              HasSubstr("\"up\" or \"down\" is missing"));
  const auto without =
      parseScenario(R"({"name": "x", "faults": [{"do": "outage", "at_ms": 1, "site": "a"}]})");
  EXPECT_THAT(problemsText("f", std::get<ScenarioProblems>(without)),
              HasSubstr("the scenario has no \"networks\""));
}

TEST(Networks, WhatHasNoPlaceInALabIsAMistake) {
  const auto problems = [](const std::string& more) {
    return networkProblems(R"({"sites": ["home"]})", more);
  };
  EXPECT_THAT(problems(R"(, "calls": {"bots": 3})"), HasSubstr("a call is two bots"));
  EXPECT_THAT(problems(R"(, "calls": {"kind": "match", "per_arm": 2})"),
              HasSubstr("a call is two bots"));
  EXPECT_THAT(problems(R"(, "hosts": 2)"), HasSubstr("each site has one host process"));
  EXPECT_THAT(problems(R"(, "signaling": {"url": "http://127.0.0.1:3000"})"),
              HasSubstr("no way out"));
  EXPECT_THAT(
      problems(R"(, "turn": [{"name": "t", "ice_servers": [{"urls": "stun:stun.example.net"}]}])"),
      HasSubstr("turn[0].ice_servers[0]"));
  EXPECT_EQ(problems(R"(, "turn": [{"name": "t", "ice_servers": [{"urls": "stun:{coturn}"}]}])"),
            "");
}

}  // namespace
}  // namespace turnout
