// Sources over time: renewed before they expire and after a refusal, one for each call, and what
// happens while the provider is down.
#include "orchestrator/ice_servers/supply/server_sources.h"

#include "pipelines/base/files.h"
#include "tests/net/ice_servers/provider_server.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

using Asked = ProviderServer::Asked;
using Reply = ProviderServer::Reply;

struct Sources : testing::Test {
  Loop loop;
  int issued = 0;
  int ttl_s = 600;
  std::vector<std::size_t> renewed;
  // Each answer has the number of the request as its password.
  ProviderServer server{loop, [this](const Asked&) { return answer(); }};
  std::unique_ptr<ServerSources> sources;

  std::optional<Reply> answer() {
    return Reply{200, R"({"urls":"turn:127.0.0.1","username":"u","credential":")" +
                          std::to_string(++issued) + R"(","ttl":)" + std::to_string(ttl_s) + "}"};
  }
  static ScenarioServer entry(ServerSource source) {
    ScenarioServer made;
    made.source = std::move(source);
    return made;
  }
  ScenarioServer provider(CredentialScope scope = CredentialScope::kRun) const {
    CredentialProvider made{.kind = ProviderKind::kHttp, .scope = scope};
    made.url = Secret(server.url());
    return entry(made);
  }
  Result<Done> start(std::vector<TurnArm> arms, std::vector<Settings> layers = {}) {
    sources = std::make_unique<ServerSources>(
        loop,
        ServerSources::Config{.arms = std::move(arms),
                              .layers = std::move(layers),
                              .timeout = 1s,
                              .on_renewed = [this](std::size_t arm) { renewed.push_back(arm); }});
    std::optional<Result<Done>> ready;
    if (auto asked = sources->start([&](Result<Done> how) { ready = std::move(how); }); !asked)
      return asked;
    EXPECT_TRUE(loop.runUntil([&] { return ready.has_value(); }, 10s));
    return *ready;
  }
  std::string password(std::size_t arm = 0, std::chrono::seconds later = 0s) {
    const auto lease = sources->lease(arm, unixTime() + later);
    return lease ? lease->servers.at(0).at(0).credential.reveal() : lease.error().what;
  }
  bool eventually(const std::function<bool()>& holds) { return loop.runUntil(holds, 10s); }
};

TEST_F(Sources, OneFetchServesAllCallsOfARun) {
  ASSERT_TRUE(start({{.name = "a", .ice_servers = {provider()}}}));
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(password(), "1");
  EXPECT_THAT(server.asked(), SizeIs(1));
  const auto lease = sources->lease(0, unixTime());
  ASSERT_TRUE(lease && lease->valid_until);
  EXPECT_NEAR(double((*lease->valid_until - unixTime()).count()), 600, 2);
}

TEST_F(Sources, EachCallGetsItsOwnWhenAskedForPerCall) {
  ASSERT_TRUE(start({{.name = "a", .ice_servers = {provider(CredentialScope::kCall)}}}));
  std::set<std::string> passwords;
  for (int i = 0; i < 6; ++i) {
    ASSERT_TRUE(eventually([&] { return server.asked().size() >= std::size_t(i) + 4; }));
    ASSERT_TRUE(eventually([&] { return issued >= i + 4; }));
    passwords.insert(password());
  }
  EXPECT_GE(passwords.size(), 5u);
}

TEST_F(Sources, AreRenewedBeforeTheyExpire) {
  ttl_s = 1;
  ASSERT_TRUE(
      start({{.name = "a", .ice_servers = {}}, {.name = "b", .ice_servers = {provider()}}}));
  EXPECT_EQ(password(1), "1");
  ttl_s = 600;
  ASSERT_TRUE(eventually([&] { return !renewed.empty(); }));
  EXPECT_EQ(renewed, std::vector<std::size_t>{1});
  EXPECT_EQ(password(1), "2");
}

TEST_F(Sources, ManyRefusalsByATurnServerAreOneFetch) {
  ASSERT_TRUE(start({{.name = "a", .ice_servers = {provider()}}}));
  sources->renew(0);  // of credentials from before the fetch, so soon after it
  EXPECT_THAT(server.asked(), SizeIs(1));
  const Instant settled = now() + 2100ms;
  ASSERT_TRUE(eventually([&] { return now() > settled; }));
  for (int i = 0; i < 10; ++i)
    sources->renew(0);
  ASSERT_TRUE(eventually([&] { return !renewed.empty(); }));
  EXPECT_THAT(server.asked(), SizeIs(2));
  EXPECT_EQ(password(), "2");
}

TEST_F(Sources, AProviderThatComesBackIsUsedAgain) {
  server.setAnswer([](const Asked&) { return Reply{503}; });
  const auto ready = start({{.name = "a", .ice_servers = {provider()}}});
  ASSERT_FALSE(ready);
  EXPECT_THAT(ready.error().what, HasSubstr("503"));
  EXPECT_THAT(password(), HasSubstr("no valid credentials: http answered 503"));
  server.setAnswer([this](const Asked&) { return answer(); });
  EXPECT_TRUE(eventually([&] { return issued == 1; }));
  EXPECT_TRUE(eventually([&] { return password() == "1"; }));
}

TEST_F(Sources, WhatHasExpiredIsNotGivenOut) {
  ASSERT_TRUE(start({{.name = "a", .ice_servers = {provider()}}}));
  EXPECT_EQ(password(0, 599s), "1");
  EXPECT_THAT(password(0, 601s), HasSubstr("arm \"a\" has no valid credentials"));
}

TEST_F(Sources, FilesAndEnvironmentAreReadOnce) {
  const auto dir = TempDir::create("test");
  ASSERT_TRUE(dir);
  std::ofstream(dir->file("servers.json")) << R"([{"urls": "stun:127.0.0.1"}])";
  std::ofstream(dir->file("env")) << "TURN_SERVERS=turn:other.example\nTURN_USERNAME=u\n"
                                     "TURN_CREDENTIAL=p\n";
  const Settings strong{{"TURN_SERVERS", {Secret("turn:strong.example"), "environment"}}};
  ASSERT_TRUE(
      start({{.name = "file", .ice_servers = {entry(ServerFile{dir->file("servers.json")})}},
             {.name = "env", .ice_servers = {entry(EnvironmentServers{dir->file("env")})}}},
            {strong}));
  EXPECT_EQ(sources->lease(0, unixTime())->servers.at(0).at(0).url, "stun:127.0.0.1");
  EXPECT_EQ(sources->lease(1, unixTime())->servers.at(0).at(0).url, "turn:strong.example");
  EXPECT_EQ(password(1), "p");
  EXPECT_FALSE(sources->areAllOnThisMachine());
}

TEST_F(Sources, AFileThatCannotBeUsedStopsTheStart) {
  for (const ServerSource& source :
       {ServerSource(ServerFile{"/no/such.json"}), ServerSource(EnvironmentServers{"/no/such"})}) {
    const auto ready = start({{.name = "a", .ice_servers = {entry(source)}}});
    ASSERT_FALSE(ready);
    EXPECT_EQ(ready.error().code, ErrorCode::kBadScenario);
    EXPECT_THAT(ready.error().what, HasSubstr("arm \"a\": cannot read /no/such"));
  }
}

TEST_F(Sources, CanBeDestroyedWhileTheyAsk) {
  server.setAnswer([](const Asked&) { return std::nullopt; });
  sources = std::make_unique<ServerSources>(
      loop, ServerSources::Config{.arms = {{.name = "a", .ice_servers = {provider()}}}});
  ASSERT_TRUE(sources->start([](const Result<Done>&) { FAIL() << "it was destroyed"; }));
  ASSERT_TRUE(eventually([&] { return !server.asked().empty(); }));
  sources.reset();
  const Instant later = now() + 100ms;
  EXPECT_TRUE(eventually([&] { return now() > later; }));
}

}  // namespace
}  // namespace turnout
