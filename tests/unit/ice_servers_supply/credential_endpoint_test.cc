#include "orchestrator/ice_servers/supply/credential_endpoint.h"

#include "orchestrator/ice_servers/supply/turn_servers.h"
#include "pipelines/base/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kSecret = "hunter2-shared";

ScenarioServer restServer() {
  ScenarioServer server;
  server.urls = {"turn:a.example", "turns:a.example:443"};
  server.rest_secret = Secret(kSecret);
  server.rest_ttl = 600s;
  return server;
}

ScenarioServer stunServer() {
  ScenarioServer server;
  server.urls = {"stun:a.example"};
  return server;
}

std::string header(const HttpEndpoint::Answer& answer, const std::string& name) {
  for (const auto& [key, value] : answer.headers)
    if (key == name)
      return value;
  return "";
}

struct Endpoint : testing::Test {
  Loop loop;
  std::unique_ptr<CredentialEndpoint> endpoint;

  void start(CredentialEndpoint::Config config = {.servers = {restServer(), stunServer()}}) {
    auto started = CredentialEndpoint::start(loop, std::move(config));
    ASSERT_TRUE(started) << started.error().what;
    endpoint = *std::move(started);
  }
  HttpEndpoint::Answer ask(const std::string& method = "GET", const std::string& bearer = "",
                           std::optional<std::string> origin = {},
                           const std::string& address = "192.0.2.1") {
    return endpoint->answer({method, address, std::move(origin), Secret(bearer)});
  }
};

TEST_F(Endpoint, AnswersInCloudflaresShapeWithCredentialsOfTheSharedSecret) {
  start();
  for (const char* method : {"GET", "POST"}) {
    const auto answer = ask(method);
    EXPECT_EQ(answer.status, 200u);
    const auto json = JsonValue::parse(answer.body);
    ASSERT_TRUE(json);
    EXPECT_EQ(json->integerOr("ttl", 0), 600);
    const auto servers = json->get("iceServers").elements();
    ASSERT_EQ(servers.size(), 2u);
    EXPECT_EQ(servers[0].get("urls").text(), R"(["turn:a.example","turns:a.example:443"])");
    const std::string username = servers[0].stringOr("username", "");
    const auto colon = username.find(':');
    ASSERT_NE(colon, std::string::npos);
    const std::chrono::seconds expiry(std::stoll(username));
    EXPECT_GE(expiry, unixTime() + 590s);
    EXPECT_EQ(
        servers[0].stringOr("credential", ""),
        turnRestCredential(Secret(kSecret), username.substr(colon + 1), expiry).password.reveal());
    EXPECT_EQ(servers[1].text(), R"({"urls":["stun:a.example"]})");
    EXPECT_THAT(answer.body, Not(HasSubstr("hunter2")));
  }
}

TEST_F(Endpoint, GivesEveryoneANameOfHisOwn) {
  start();
  EXPECT_NE(ask().body, ask().body);
}

TEST_F(Endpoint, ForbidsCachesToKeepAnyAnswer) {
  start({.servers = {restServer()}, .token = Secret("t")});
  for (const auto& answer : {ask("GET", "t"), ask("GET", "x"), ask("PUT"), ask("OPTIONS")})
    EXPECT_EQ(header(answer, "Cache-Control"), "no-store") << answer.status;
}

TEST_F(Endpoint, WantsTheToken) {
  start({.servers = {restServer()}, .token = Secret("token")});
  EXPECT_EQ(ask("GET", "token").status, 200u);
  for (const char* bearer : {"", "toke", "token "}) {
    const auto answer = ask("GET", bearer);
    EXPECT_EQ(answer.status, 401u);
    EXPECT_EQ(header(answer, "WWW-Authenticate"), "Bearer");
    EXPECT_THAT(answer.body, Not(HasSubstr("credential")));
  }
}

TEST_F(Endpoint, LimitsEachAddressAlsoOneThatGuessesTokens) {
  start({.servers = {restServer()}, .token = Secret("token"), .per_minute = 2});
  EXPECT_EQ(ask("GET", "guess").status, 401u);
  EXPECT_EQ(ask("GET", "guess").status, 401u);
  const auto answer = ask("GET", "token");
  EXPECT_EQ(answer.status, 429u);
  EXPECT_EQ(header(answer, "Retry-After"), "30");
  EXPECT_EQ(ask("GET", "token", {}, "192.0.2.2").status, 200u);
}

TEST_F(Endpoint, LetsOnlyPagesOfTheListReadTheAnswer) {
  start({.servers = {restServer()}, .origins = {"https://app.example"}});
  const auto ours = ask("GET", "", "https://app.example");
  EXPECT_EQ(ours.status, 200u);
  EXPECT_EQ(header(ours, "Access-Control-Allow-Origin"), "https://app.example");
  EXPECT_EQ(header(ours, "Vary"), "Origin");
  const auto theirs = ask("GET", "", "https://evil.example");
  EXPECT_EQ(theirs.status, 403u);
  EXPECT_EQ(header(theirs, "Access-Control-Allow-Origin"), "");
  EXPECT_EQ(ask("GET").status, 200u) << "no page";
}

TEST_F(Endpoint, WithoutAListNoPageOfAnotherOriginMayReadTheAnswer) {
  start();
  EXPECT_EQ(header(ask("GET", "", "https://app.example"), "Access-Control-Allow-Origin"), "");
}

TEST_F(Endpoint, TellsABrowserWhatItMaySend) {
  start({.servers = {restServer()}, .token = Secret("t"), .origins = {"https://app.example"}});
  const auto answer = ask("OPTIONS", "", "https://app.example");
  EXPECT_EQ(answer.status, 204u);
  EXPECT_THAT(header(answer, "Access-Control-Allow-Headers"), HasSubstr("Authorization"));
  EXPECT_THAT(header(answer, "Access-Control-Allow-Methods"), HasSubstr("POST"));
}

TEST_F(Endpoint, RefusesOtherMethods) {
  start();
  EXPECT_EQ(ask("DELETE").status, 405u);
  EXPECT_EQ(header(ask("PUT"), "Allow"), "GET, POST, OPTIONS");
}

TEST_F(Endpoint, DoesNotStartWithAPasswordThatEverybodyWouldGet) {
  ScenarioServer fixed = restServer();
  fixed.rest_secret = {};
  fixed.username = "u";
  fixed.credential = Secret("hunter2");
  ScenarioServer environment;
  environment.source = EnvironmentServers{};
  for (const ScenarioServer& server : {fixed, environment}) {
    const auto started = CredentialEndpoint::start(loop, {.servers = {stunServer(), server}});
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().code, ErrorCode::kBadScenario);
    EXPECT_THAT(started.error().what, HasSubstr("[1]: a fixed password"));
  }
}

TEST_F(Endpoint, DoesNotStartWithAPlaceholderOfARun) {
  ScenarioServer server;
  server.urls = {"turn:{coturn-rest}"};
  EXPECT_FALSE(CredentialEndpoint::start(loop, {.servers = {server}}));
}

}  // namespace
}  // namespace turnout
