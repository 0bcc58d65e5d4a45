#include "orchestrator/ice_servers/read/resolved_servers.h"

#include "orchestrator/ice_servers/read/settings.h"

#include <algorithm>
#include <ostream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr ServerPolicy kDevelopmentPolicy{};
constexpr ServerPolicy kProductionPolicy{.deployment = Deployment::kProduction};

// A layer as the environment would be; `from` stands in "from NAME".
Settings layer(const std::string& from, const std::map<std::string, std::string>& values) {
  Settings settings;
  for (const auto& [name, value] : values)
    settings[name] = {Secret(value), from + " " + name};
  return settings;
}

// "URL USER CREDENTIAL" of each server.
std::vector<std::string> lines(const ResolvedServers& resolved) {
  std::vector<std::string> all;
  for (const IceServer& server : resolved.servers)
    all.push_back(server.scheme == IceScheme::kStun
                      ? server.url
                      : server.url + " " + server.username + " " + server.credential.reveal());
  return all;
}

std::vector<std::string> findings(const ResolvedServers& resolved) {
  std::vector<std::string> all;
  for (const ServerFinding& finding : resolved.findings)
    all.push_back(findingLine(finding));
  return all;
}

struct ResolvedRow {
  const char* why;
  std::vector<Settings> layers;
  std::vector<std::string> servers;
  std::string source;
};
std::ostream& operator<<(std::ostream& out, const ResolvedRow& row) {
  return out << row.why;
}

class Precedence : public testing::TestWithParam<ResolvedRow> {};

TEST_P(Precedence, DecidesForEachVariableByItself) {
  const auto resolved = resolveServers(GetParam().layers, kDevelopmentPolicy);
  EXPECT_EQ(lines(resolved), GetParam().servers);
  EXPECT_EQ(resolved.source, GetParam().source);
}

const Settings kLine = layer("line", {{"TURN_SERVERS", "turn:l"}});
const Settings kLogin = layer("env", {{"TURN_USERNAME", "u"}, {"TURN_CREDENTIAL", "p"}});
const Settings kFull =
    layer("file", {{"TURN_SERVERS", "turn:f"}, {"TURN_USERNAME", "fu"}, {"TURN_CREDENTIAL", "fp"}});

INSTANTIATE_TEST_SUITE_P(
    Rows, Precedence,
    testing::Values(
        ResolvedRow{"one layer",
                    {kFull},
                    {"turn:f fu fp"},
                    "servers: file TURN_SERVERS; user name: file TURN_USERNAME; "
                    "credential: file TURN_CREDENTIAL"},
        ResolvedRow{"stronger before weaker",
                    {kLine, kLogin, kFull},
                    {"turn:l u p"},
                    "servers: line TURN_SERVERS (over file TURN_SERVERS); "
                    "user name: env TURN_USERNAME (over file TURN_USERNAME); "
                    "credential: env TURN_CREDENTIAL (over file TURN_CREDENTIAL)"},
        ResolvedRow{"empty counts as not set",
                    {layer("env", {{"TURN_SERVERS", ""}}), kFull},
                    {"turn:f fu fp"},
                    "servers: file TURN_SERVERS; user name: file TURN_USERNAME; "
                    "credential: file TURN_CREDENTIAL"},
        ResolvedRow{"the plain name before VITE_",
                    {layer("env", {{"TURN_SERVERS", "stun:a"}, {"VITE_TURN_SERVERS", "stun:b"}})},
                    {"stun:a"},
                    "servers: env TURN_SERVERS (over env VITE_TURN_SERVERS)"},
        ResolvedRow{"VITE_ of a stronger layer before the plain name of a weaker one",
                    {layer("env", {{"VITE_TURN_SERVERS", "stun:a"}}),
                     layer("file", {{"TURN_SERVERS", "stun:b"}})},
                    {"stun:a"},
                    "servers: env VITE_TURN_SERVERS (over file TURN_SERVERS)"},
        ResolvedRow{"STUN servers come behind",
                    {layer("env", {{"STUN_SERVERS", "stun:s,stun:t"}}), kFull},
                    {"turn:f fu fp", "stun:s", "stun:t"},
                    "servers: file TURN_SERVERS; STUN servers: env STUN_SERVERS; "
                    "user name: file TURN_USERNAME; credential: file TURN_CREDENTIAL"},
        ResolvedRow{"a login that nobody needs is not mentioned",
                    {layer("env", {{"TURN_SERVERS", "stun:a"}}), kLogin},
                    {"stun:a"},
                    "servers: env TURN_SERVERS"},
        ResolvedRow{
            "JSON with logins of its own",
            {layer("env",
                   {{"TURN_SERVERS",
                     R"([{"urls":"turn:a","username":"x","credential":"y"},{"urls":"turn:b"}])"}}),
             kLogin},
            {"turn:a x y", "turn:b u p"},
            "servers: env TURN_SERVERS; user name: env TURN_USERNAME; "
            "credential: env TURN_CREDENTIAL"},
        ResolvedRow{"nothing", {{}, {}}, {}, "none"}));

TEST(ResolvedServers, TakesAnAppsOwnDotEnvFile) {
  const auto file = parseDotEnv(
      "# the app\nVITE_API=https://app.example\n"
      "VITE_TURN_SERVERS=turn:a.example:3478,turns:a.example:443\n"
      "VITE_TURN_USERNAME=alice\nVITE_TURN_CREDENTIAL=\"s#cret\"\n",
      ".env");
  ASSERT_TRUE(file);
  const auto resolved = resolveServers({*file}, kProductionPolicy);
  EXPECT_THAT(lines(resolved),
              ElementsAre("turn:a.example:3478 alice s#cret", "turns:a.example:443 alice s#cret"));
  EXPECT_THAT(findings(resolved),
              ElementsAre(AllOf(HasSubstr("warning: .env:5 VITE_TURN_CREDENTIAL"),
                                HasSubstr("everybody can read"), Not(HasSubstr("s#cret")))));
}

TEST(ResolvedServers, SpacesAndEmptyPlacesOfAListDoNoHarm) {
  const auto resolved = resolveServers({layer("env", {{"TURN_SERVERS", " stun:a ,, \n stun:b,"}})},
                                       kDevelopmentPolicy);
  EXPECT_THAT(lines(resolved), ElementsAre("stun:a", "stun:b"));
  EXPECT_THAT(findings(resolved), ElementsAre(HasSubstr("env TURN_SERVERS[1]: there is no URL"),
                                              HasSubstr("env TURN_SERVERS[3]: there is no URL"),
                                              HasSubstr("no TURN server is configured")));
}

TEST(ResolvedServers, AUserWithoutCredentialIsAnErrorAndStunIsLeftLoudly) {
  const auto resolved =
      resolveServers({layer("env", {{"TURN_SERVERS", "turn:a,stun:b"}, {"TURN_USERNAME", "u"}})},
                     kDevelopmentPolicy);
  EXPECT_THAT(lines(resolved), ElementsAre("stun:b"));
  EXPECT_THAT(findings(resolved),
              ElementsAre("error: env TURN_SERVERS[0]: turn:a has a user name and no credential: "
                          "browsers refuse the whole list for it",
                          HasSubstr("error: NO TURN SERVER IS USABLE: only STUN is left")));
}

struct Fallback {
  ServerPolicy policy;
  std::string finding;
  bool has_servers;
};
std::ostream& operator<<(std::ostream& out, const Fallback& row) {
  return out << row.finding;
}

class WithoutServers : public testing::TestWithParam<Fallback> {};

TEST_P(WithoutServers, FallsBackAsThePolicySays) {
  const auto resolved = resolveServers({}, GetParam().policy);
  EXPECT_THAT(findings(resolved), ElementsAre(HasSubstr(GetParam().finding)));
  EXPECT_EQ(!resolved.servers.empty(), GetParam().has_servers);
  EXPECT_EQ(resolved.source, GetParam().has_servers ? "free public servers" : "none");
}

constexpr auto kAllowed = PublicServers::kAllowed;
INSTANTIATE_TEST_SUITE_P(
    Rows, WithoutServers,
    testing::Values(Fallback{kDevelopmentPolicy, "warning: no usable STUN or TURN server", false},
                    Fallback{kProductionPolicy, "error: no usable STUN or TURN server", false},
                    Fallback{{Deployment::kDevelopment, kAllowed},
                             "warning: no usable server is configured, so free public",
                             true},
                    Fallback{{Deployment::kProduction, kAllowed},
                             "symmetric NATs, as on mobile networks, fail",
                             true}));

TEST(ResolvedServers, ConfiguredServersComeBeforePublicOnes) {
  const auto resolved = resolveServers({kFull}, {Deployment::kProduction, kAllowed});
  EXPECT_THAT(lines(resolved), ElementsAre("turn:f fu fp"));
  EXPECT_THAT(resolved.findings, IsEmpty());
}

TEST(ResolvedServers, ProductionWithStunAloneIsAnError) {
  const Settings stun = layer("env", {{"STUN_SERVERS", "stun:a"}});
  EXPECT_TRUE(hasError(resolveServers({stun}, kProductionPolicy).findings));
  EXPECT_FALSE(hasError(resolveServers({stun}, kDevelopmentPolicy).findings));
}

TEST(ResolvedServers, BadJsonIsAFindingWithItsPlace) {
  const auto resolved = resolveServers({layer("env", {{"TURN_SERVERS", "[{\"urls\": hunter2}]"}})},
                                       kDevelopmentPolicy);
  EXPECT_THAT(findings(resolved), Contains(HasSubstr("error: env TURN_SERVERS:1:")));
  EXPECT_THAT(findings(resolved), Not(Contains(HasSubstr("hunter2"))));
}

TEST(ResolvedServers, ReadsTheNamesThatAppsUse) {
  struct Names {
    const char *url, *user, *credential;
  };
  for (const Names& row :
       {Names{"TURN_URL", "TURN_USER", "TURN_PASSWORD"},
        Names{"VITE_TURN_URL", "VITE_TURN_USERNAME", "VITE_TURN_CREDENTIAL"},
        Names{"NEXT_PUBLIC_TURN_SERVER_URL", "NEXT_PUBLIC_TURN_SERVER_USERNAME",
              "NEXT_PUBLIC_TURN_SERVER_CREDENTIAL"},
        Names{"REACT_APP_TURN_URLS", "REACT_APP_TURN_USERNAME", "REACT_APP_TURN_PWD"},
        Names{"VITE_ICE_SERVERS", "TURN_USERNAME", "PUBLIC_TURN_PASS"}}) {
    const auto resolved = resolveServers(
        {layer("file", {{row.url, "turn:a"}, {row.user, "u"}, {row.credential, "p"}})},
        kProductionPolicy);
    EXPECT_THAT(lines(resolved), ElementsAre("turn:a u p")) << row.url;
    EXPECT_FALSE(hasError(resolved.findings)) << row.url;
  }
}

TEST(ResolvedServers, OurNameComesBeforeTheOthersOfALayer) {
  const auto resolved =
      resolveServers({layer("file", {{"TURN_URL", "stun:b"}, {"VITE_TURN_SERVERS", "stun:a"}})},
                     kDevelopmentPolicy);
  EXPECT_THAT(lines(resolved), ElementsAre("stun:a"));
  EXPECT_EQ(resolved.source, "servers: file VITE_TURN_SERVERS (over file TURN_URL)");
}

TEST(ResolvedServers, WhatSpeaksOfTurnAndIsNotReadIsNamedAndAnErrorWhenNoTurnIsLeft) {
  const Settings unread =
      layer("file", {{"TURN_HOST", "a.example"}, {"MY_TURN_KEY", "x"}, {"API", "y"}});
  const auto resolved = resolveServers({unread}, kDevelopmentPolicy);
  EXPECT_TRUE(hasError(resolved.findings));
  EXPECT_THAT(findings(resolved),
              ElementsAre(HasSubstr("warning: file MY_TURN_KEY: is not read"),
                          HasSubstr("warning: file TURN_HOST: is not read; TURN servers are named"),
                          HasSubstr("error: NO TURN SERVER IS USABLE")));
  const auto with_turn = resolveServers({unread, kFull}, kDevelopmentPolicy);
  EXPECT_FALSE(hasError(with_turn.findings));
  const auto secret = resolveServers({layer("file", {{"TURN_SECRET", "hunter2"}}), kFull}, {});
  EXPECT_THAT(findings(secret), ElementsAre(AllOf(HasSubstr("\"secret_env\": \"TURN_SECRET\""),
                                                  Not(HasSubstr("hunter2")))));
}

TEST(ResolvedServers, AnEmptyListIsNoList) {
  for (const char* text : {"[]", R"({"iceServers": []})", ","}) {
    const auto resolved =
        resolveServers({layer("env", {{"TURN_SERVERS", text}})}, kProductionPolicy);
    EXPECT_TRUE(resolved.servers.empty()) << text;
    EXPECT_TRUE(hasError(resolved.findings)) << text;
  }
}

TEST(ResolvedServers, TellsWhatADollarSignBecame) {
  const auto file = parseDotEnv("TURN_URL=turn:a\nTURN_USER=u\nTURN_PASSWORD=p$word\n", ".env");
  ASSERT_TRUE(file);
  const auto resolved = resolveServers({*file}, kDevelopmentPolicy);
  EXPECT_THAT(lines(resolved), ElementsAre("turn:a u p"));
  EXPECT_THAT(findings(resolved), ElementsAre(HasSubstr("$word is not set")));
}

TEST(EnvironmentSettings, AreThoseThatSpeakOfServers) {
  const Settings settings =
      settingsOf([](const std::string& name) { return std::optional("value of " + name); },
                 {"PATH", "STUN_SERVERS", "VITE_TURN_CREDENTIAL", "TURNOUT_ENV", "MY_TURN_HOST",
                  "RETURN", "ICE_SERVERS", "ICEAUTHORITY", "DEVICE_URL"});
  EXPECT_EQ(settings.size(), 4u);
  EXPECT_EQ(settings.at("VITE_TURN_CREDENTIAL").where, "environment VITE_TURN_CREDENTIAL");
  EXPECT_EQ(settings.at("STUN_SERVERS").value.reveal(), "value of STUN_SERVERS");
}

TEST(Nothings, OfAServerThatWasAskedForAreTold) {
  Settings settings = layer("file", {{"TURN_URL", ""}, {"TURN_USERNAME", "u"}});
  settings["TURN_URL"].unset = {"HOST"};
  const auto resolved = resolveServers({settings}, kDevelopmentPolicy);
  EXPECT_THAT(findings(resolved), Contains(HasSubstr("$HOST is not set")));
  EXPECT_TRUE(std::ranges::any_of(resolved.findings, [](const ServerFinding& finding) {
    return finding.severity == Severity::kError;
  })) << "TURN was asked for, and none came of it";
}

}  // namespace
}  // namespace turnout
