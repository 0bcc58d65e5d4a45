#include "scenarios/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

// Two TURN servers with a fixed user each, and one with TURN REST.
constexpr const char* kThreeServers = R"([{"name": "t", "ice_servers": [
    {"urls": "turn:{coturn}"}, {"urls": "turn:{coturn-2}"}, {"urls": "turn:{coturn-rest}"}]}])";
constexpr const char* kOneServer =
    R"([{"name": "t", "ice_servers": [{"urls": "turn:{coturn}?transport=tcp"}]}])";

ScenarioLoad load(const std::string& faults, const std::string& arms) {
  return parseScenario(R"({"name": "x", "turn": )" + arms + R"(, "faults": )" + faults + "}");
}

std::vector<ServiceFault> faultsOf(const std::string& faults,
                                   const std::string& arms = kThreeServers) {
  const auto result = load(faults, arms);
  if (const auto* problems = std::get_if<ScenarioProblems>(&result)) {
    ADD_FAILURE() << problemsText("f", *problems);
    return {};
  }
  return std::get<LoadedScenario>(result).scenario.faults;
}

std::string problemsOf(const std::string& faults, const std::string& arms = kThreeServers) {
  const auto result = load(faults, arms);
  const auto* problems = std::get_if<ScenarioProblems>(&result);
  return problems ? problemsText("f", *problems) : "";
}

TEST(Faults, AreReadInTheOrderOfTheFile) {
  const auto faults = faultsOf(R"([
      {"do": "turn_kill", "service": "coturn-2", "at_ms": 3000, "for_ms": 2500},
      {"do": "turn_kill", "service": "coturn", "at_ms": 0},
      {"do": "server_restart", "at_ms": 10},
      {"do": "turn_credentials_expire", "at_ms": 20, "for_ms": 1}])");
  ASSERT_EQ(faults.size(), 4u);
  EXPECT_EQ(faults[0].kind, ServiceFaultKind::kTurnKill);
  EXPECT_EQ(faults[0].service, "coturn-2");
  EXPECT_EQ(faults[0].at, 3s);
  EXPECT_EQ(faults[0].lasting, 2500ms);
  EXPECT_EQ(faults[1].lasting, std::nullopt);  // for good
  EXPECT_EQ(faults[2].kind, ServiceFaultKind::kServerRestart);
  EXPECT_EQ(faults[2].service, "signaling");
  EXPECT_EQ(faults[2].lasting, 1s);
  EXPECT_EQ(faults[3].service, "");  // all that can expire
}

TEST(Faults, HitTheOnlyServerThereIsWithoutItsName) {
  EXPECT_EQ(faultsOf(R"([{"do": "turn_kill", "at_ms": 1}])", kOneServer).at(0).service, "coturn");
  EXPECT_EQ(problemsOf(R"([{"do": "turn_kill", "at_ms": 1}])"),
            "f: faults[0]: which server? \"service\" is missing (known: coturn, coturn-2, "
            "coturn-rest)\n");
}

TEST(Faults, NameServersThatAnArmUses) {
  EXPECT_EQ(problemsOf(R"([{"do": "turn_kill", "service": "coturn-3", "at_ms": 1}])"),
            "f: faults[0].service: no arm uses {coturn-3} (did you mean \"coturn-2\"?)\n");
  EXPECT_EQ(problemsOf(R"([{"do": "turn_kill", "at_ms": 1}])", R"([{"name": "direct"}])"),
            "f: faults[0].do: no arm uses a TURN server of the run, such as {coturn}\n");
  EXPECT_EQ(problemsOf(R"([{"do": "server_restart", "service": "coturn", "at_ms": 1}])"),
            "f: faults[0].service: only the signaling server restarts so; a TURN server: "
            "\"turn_kill\" with \"for_ms\"\n");
}

TEST(Faults, OnlyCredentialsWithAnExpiryExpire) {
  const std::string none =
      "f: faults[0].do: no arm has TURN REST credentials, which alone can expire: {coturn-rest} or "
      "\"rest\"\n";
  const std::string expire = R"([{"do": "turn_credentials_expire", "at_ms": 1}])";
  EXPECT_EQ(problemsOf(expire, kOneServer), none);
  EXPECT_EQ(problemsOf(expire, R"([{"name": "t", "ice_servers": [
      {"urls": "turn:turn.example.net", "rest": {"secret": "s"}}]}])"),
            "");
  EXPECT_EQ(problemsOf(R"([{"do": "turn_credentials_expire", "service": "coturn", "at_ms": 1}])"),
            "f: faults[0].service: no arm uses {coturn} with TURN REST (known: coturn-rest)\n");
}

TEST(Faults, UnknownKeysAndWordsNameTheNearest) {
  EXPECT_EQ(
      problemsOf(R"([{"do": "turn_kil", "at_m": 5}])", kOneServer),
      "f: faults[0].at_m: unknown key (did you mean \"at_ms\"?)\n"
      "f: faults[0].do: expected \"turn_kill\" or \"server_restart\" or "
      "\"turn_credentials_expire\" or \"nat_rebind\" or \"nat_change\" or \"firewall_change\" or "
      "\"link_down\" or \"outage\" or \"link\", got \"turn_kil\" (did you mean \"turn_kill\"?)\n"
      "f: faults[0]: \"at_ms\" is missing\n");
}

TEST(Faults, OfOneKindDoNotOverlapOnOneServer) {
  EXPECT_EQ(problemsOf(R"([{"do": "turn_kill", "service": "coturn", "at_ms": 1000, "for_ms": 500},
                           {"do": "turn_kill", "service": "coturn-2", "at_ms": 1200},
                           {"do": "turn_kill", "service": "coturn", "at_ms": 1500}])"),
            "f: faults[2].at_ms: while faults[0] is not over\n");
  EXPECT_EQ(problemsOf(R"([{"do": "turn_kill", "service": "coturn", "at_ms": 2000},
                           {"do": "turn_kill", "service": "coturn", "at_ms": 10, "for_ms": 5}])"),
            "");
}

}  // namespace
}  // namespace turnout
