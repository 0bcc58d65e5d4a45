#include "orchestrator/ice_servers/supply/turn_servers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using testing::ElementsAre;

constexpr std::chrono::seconds kMadeAt{1'700'000'000};
constexpr Placeholder kStatic{Placeholder::Kind::kCoturn};
constexpr Placeholder kRest{Placeholder::Kind::kCoturnRest};

TurnServices bothServices() {
  return {{kStatic,
           {.port = 1001,
            .tls_port = 1002,
            .ca_file = "/ca.pem",
            .access = CoturnUser{"turnout", Secret("pw")}}},
          {kRest, {.port = 2001, .tls_port = 2002, .access = CoturnRestSecret{Secret("north")}}}};
}

ScenarioServer serverWith(std::vector<std::string> urls) {
  ScenarioServer server;
  server.urls = std::move(urls);
  return server;
}

std::vector<IceServer> serversOf(std::vector<ScenarioServer> servers,
                                 const RestMoment& moment = {.user = "call-7", .now = kMadeAt}) {
  const TurnArm arm{.name = "arm", .ice_servers = std::move(servers)};
  auto list = iceServersOf(arm, bothServices(), moment);
  EXPECT_TRUE(list) << list.error().what;
  return list ? *list : std::vector<IceServer>{};
}

TEST(TurnServers, EveryUrlBecomesOneServerInTheOrderWritten) {
  const auto list =
      serversOf({serverWith({"stun:{coturn}", "turn:{coturn}?transport=udp"}),
                 serverWith({"turn:{coturn}?transport=tcp", "turns:{coturn}?transport=tcp"})});
  std::vector<std::string> seen;
  for (const IceServer& server : list)
    seen.push_back(server.url + " " + server.host + ":" + std::to_string(server.port) + " " +
                   toString(server.transport));
  EXPECT_THAT(seen, ElementsAre("stun:{coturn} 127.0.0.1:1001 udp",
                                "turn:{coturn}?transport=udp 127.0.0.1:1001 udp",
                                "turn:{coturn}?transport=tcp 127.0.0.1:1001 tcp",
                                "turns:{coturn}?transport=tcp 127.0.0.1:1002 tls"));
}

TEST(TurnServers, TheStaticUserAndCaOfTheRunFillWhatTheScenarioLeftOut) {
  const auto list = serversOf({serverWith({"turns:{coturn}"})});
  ASSERT_EQ(list.size(), 1u);
  EXPECT_EQ(list[0].username, "turnout");
  EXPECT_EQ(list[0].credential.reveal(), "pw");
  EXPECT_EQ(list[0].tls_ca_file, "/ca.pem");
  EXPECT_TRUE(list[0].tls_verify);
}

TEST(TurnServers, AWrongPasswordOfTheScenarioIsKept) {
  ScenarioServer server = serverWith({"turn:{coturn}"});
  server.credential = Secret("wrong");
  const auto list = serversOf({server});
  EXPECT_EQ(list.at(0).username, "turnout");
  EXPECT_EQ(list.at(0).credential.reveal(), "wrong");
}

TEST(TurnServers, RestCredentialsCarryTheUserAndExpireAfterTheTtl) {
  ScenarioServer server = serverWith({"turn:{coturn-rest}"});
  server.rest_ttl = milliseconds(60'000);
  const auto list = serversOf({server});
  EXPECT_EQ(list.at(0).username, "1700000060:call-7");
  EXPECT_FALSE(list.at(0).credential.empty());
}

TEST(TurnServers, CredentialsThatAreToHaveExpiredAreSignedAllTheSame) {
  ScenarioServer own = serverWith({"turn:turn.example.org"});
  own.rest_secret = Secret("south");
  const std::vector<ScenarioServer> servers = {serverWith({"turn:{coturn-rest}"}), own};
  const auto users = [&](const std::set<std::string>& expired) {
    std::vector<std::string> all;
    for (const IceServer& server :
         serversOf(servers, {.user = "call-7", .now = kMadeAt, .expired = expired}))
      all.push_back(server.username);
    return all;
  };
  EXPECT_THAT(users({"coturn-rest"}), ElementsAre("1699996400:call-7", "1700086400:call-7"));
  EXPECT_THAT(users({""}), ElementsAre("1699996400:call-7", "1699996400:call-7"));
  EXPECT_THAT(users({"coturn-rest-2"}), ElementsAre("1700086400:call-7", "1700086400:call-7"));
}

TEST(TurnServers, MakesCredentialsForRestServersOnly) {
  EXPECT_TRUE(makesRestCredentials(serverWith({"stun:{coturn}", "turn:{coturn-rest-2}"})));
  EXPECT_FALSE(makesRestCredentials(serverWith({"turn:{coturn}"})));
  ScenarioServer given = serverWith({"turn:{coturn-rest}"});
  given.username = "somebody";
  EXPECT_FALSE(makesRestCredentials(given));
  given = serverWith({"turn:turn.example.org"});
  given.rest_secret = Secret("south");
  EXPECT_TRUE(makesRestCredentials(given));
}

TEST(TurnServers, ARestSecretOfTheScenarioWinsOverTheOneOfTheRun) {
  ScenarioServer server = serverWith({"turn:{coturn-rest}"});
  const auto right = serversOf({server});
  server.rest_secret = Secret("south");
  const auto wrong = serversOf({server});
  EXPECT_EQ(right.at(0).username, wrong.at(0).username);
  EXPECT_NE(right.at(0).credential, wrong.at(0).credential);
}

TEST(TurnServers, AForeignServerIsTakenAsWritten) {
  ScenarioServer server = serverWith({"turn:turn.example.org:3479?transport=tcp"});
  server.username = "u";
  server.credential = Secret("p");
  const auto list = serversOf({server});
  EXPECT_EQ(list.at(0).host, "turn.example.org");
  EXPECT_EQ(list.at(0).port, 3479);
  EXPECT_EQ(list.at(0).username, "u");
  EXPECT_TRUE(list.at(0).tls_ca_file.empty());
}

TEST(TurnServers, StunGetsNoCredentials) {
  EXPECT_TRUE(serversOf({serverWith({"stun:{coturn}"})}).at(0).username.empty());
}

TEST(TurnServers, EachServiceThatAnArmNamesIsNeededOnce) {
  Scenario scenario;
  scenario.turn = {{.name = "a", .ice_servers = {serverWith({"stun:{coturn}", "turn:{coturn}"})}},
                   {.name = "b", .ice_servers = {serverWith({"turn:{coturn-rest}"})}},
                   {.name = "c", .ice_servers = {serverWith({"turn:turn.example.org"})}}};
  EXPECT_THAT(servicesNeeded(scenario), ElementsAre(kStatic, kRest));
}

}  // namespace
}  // namespace turnout
