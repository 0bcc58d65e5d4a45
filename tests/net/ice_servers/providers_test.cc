// Every provider against a server that answers as its documentation says: success and each error.
#include "orchestrator/ice_servers/supply/server_sources.h"
#include "tests/net/ice_servers/provider_server.h"

#include <ostream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

using Asked = ProviderServer::Asked;
using Reply = ProviderServer::Reply;

constexpr const char* kToken = "hunter2";
constexpr const char* kTurn =
    R"({"urls":["turn:a.example:3478?transport=udp","turns:a.example:443"],
                                  "username":"user","credential":"issued"})";

// The documented behaviour of each API for the right token; 401 for any other.
Reply cloudflare(const Asked& asked) {
  if (asked.method != "POST" ||
      asked.target != "/v1/turn/keys/account1/credentials/generate-ice-servers")
    return {404, R"({"error":"not found"})"};
  if (asked.authorization != "Bearer hunter2")
    return {401, R"({"errors":[{"code":10000,"message":"Authentication error"}]})"};
  return {201, R"({"iceServers":[{"urls":["stun:stun.cloudflare.com:3478"]},)" +
                   std::string(kTurn) + "]}"};
}

Reply twilio(const Asked& asked) {
  if (asked.method != "POST" || asked.target != "/2010-04-01/Accounts/account1/Tokens.json")
    return {404, R"({"code":20404,"message":"The requested resource was not found","status":404})"};
  if (asked.authorization != "Basic YWNjb3VudDE6aHVudGVyMg==")
    return {401, R"({"code":20003,"message":"Authenticate","status":401})"};
  return {201, R"({"ice_servers":[{"url":"stun:a.example","urls":"stun:a.example"},)" +
                   std::string(kTurn) + R"(],"ttl":"600","username":"user","password":"issued"})"};
}

Reply metered(const Asked& asked) {
  if (asked.method == "POST" && asked.target == "/api/v1/turn/credential?secretKey=hunter2")
    return {200, R"({"username":"user","password":"issued","expiryInSeconds":60,
                     "label":"turnout","apiKey":"made-key"})"};
  if (asked.method == "GET" && (asked.target == "/api/v1/turn/credentials?apiKey=hunter2" ||
                                asked.target == "/api/v1/turn/credentials?apiKey=made-key"))
    return {200, "[{\"urls\":\"stun:stun.relay.metered.ca:80\"}," + std::string(kTurn) + "]"};
  return {401, R"({"error":"Invalid API Key"})"};
}

Reply generic(const Asked& asked) {
  if (asked.authorization != "Bearer hunter2")
    return {401, R"({"error":{"message":"log in first"}})"};
  return {200, R"({"data":{"servers":[)" + std::string(kTurn) + R"(]}})"};
}

struct Api {
  ProviderKind kind;
  Reply (*answer)(const Asked&);
  std::size_t servers;
};
std::ostream& operator<<(std::ostream& out, const Api& api) {
  return out << traitsOf(api.kind).word;
}

class Provider : public testing::TestWithParam<Api> {
 protected:
  CredentialProvider provider(const std::string& token = kToken) const {
    CredentialProvider made{.kind = GetParam().kind};
    made.base_url = server_.url();
    if (made.kind == ProviderKind::kHttp) {
      made.url = Secret(server_.url() + "/turn");
      made.headers = {{"Authorization", "V", Secret("Bearer " + token)}};
      made.list_path = "data.servers";
    } else {
      made.account = "account1";
      made.token = Secret(token);
    }
    return made;
  }

  Result<Done> fetch(CredentialProvider from, Duration timeout = 5s) {
    ScenarioServer entry;
    entry.source = std::move(from);
    sources_ = std::make_unique<ServerSources>(
        loop_, ServerSources::Config{.arms = {{.name = "ours", .ice_servers = {entry}}},
                                     .timeout = timeout});
    std::optional<Result<Done>> ready;
    EXPECT_TRUE(sources_->start([&](Result<Done> result) { ready = std::move(result); }));
    EXPECT_TRUE(loop_.runUntil([&] { return ready.has_value(); }, 10s));
    return *ready;
  }

  std::string failure(CredentialProvider from, Duration timeout = 5s) {
    const auto fetched = fetch(std::move(from), timeout);
    if (fetched)
      return "it succeeded";
    EXPECT_EQ(fetched.error().code, ErrorCode::kEnvironment);
    EXPECT_THAT(fetched.error().what, AllOf(HasSubstr("arm \"ours\": "), Not(HasSubstr(kToken))));
    return fetched.error().what;
  }

  Loop loop_;
  ProviderServer server_{loop_, [](const Asked& asked) { return GetParam().answer(asked); }};
  std::unique_ptr<ServerSources> sources_;
};

TEST_P(Provider, GivesServersWithCredentials) {
  ASSERT_TRUE(fetch(provider()));
  const auto lease = sources_->lease(0, unixTime());
  ASSERT_TRUE(lease);
  const auto& servers = lease->servers.at(0);
  ASSERT_THAT(servers, SizeIs(GetParam().servers));
  EXPECT_EQ(servers.back().url, "turns:a.example:443");
  EXPECT_EQ(servers.back().username, "user");
  EXPECT_EQ(servers.back().credential.reveal(), "issued");
}

TEST_P(Provider, WrongTokenIsSaidToBeWrong) {
  EXPECT_THAT(failure(provider("wrong")),
              AllOf(HasSubstr("answered 401"), HasSubstr("the token is wrong")));
}

TEST_P(Provider, RateLimitTellsWhenToComeBack) {
  server_.setAnswer([](const Asked&) {
    return Reply{429, R"({"message":"Too Many Requests"})", {{"Retry-After", "17"}}};
  });
  EXPECT_THAT(failure(provider()), AllOf(HasSubstr("429"), HasSubstr("again in 17 s")));
}

TEST_P(Provider, SilenceIsATimeout) {
  server_.setAnswer([](const Asked&) { return std::nullopt; });
  EXPECT_THAT(failure(provider(), 100ms), HasSubstr("no answer within 100 ms"));
}

TEST_P(Provider, WhatIsNotJsonIsSaidToBeSo) {
  server_.setAnswer([](const Asked&) { return Reply{200, "<html>hunter2</html>"}; });
  EXPECT_THAT(failure(provider()), HasSubstr("is not JSON (line 1, column 1)"));
}

TEST_P(Provider, JsonWithoutServersIsSaidToBeSo) {
  server_.setAnswer([](const Asked&) { return Reply{200, "{}"}; });
  EXPECT_THAT(failure(provider()), HasSubstr("'s answer "));
}

TEST_P(Provider, AServerErrorIsQuotedInOneLine) {
  server_.setAnswer([](const Asked&) { return Reply{503, R"({"message":"down\nhunter2"})"}; });
  EXPECT_THAT(failure(provider()), AllOf(HasSubstr("answered 503"), Not(HasSubstr("\n"))));
}

TEST_P(Provider, ARedirectDoesNotTakeTheTokenElsewhere) {
  ProviderServer elsewhere(loop_, [](const Asked&) { return Reply{200, "[]"}; });
  server_.setAnswer([&](const Asked&) {
    return Reply{307, "", {{"Location", elsewhere.url() + "/"}}};
  });
  EXPECT_THAT(failure(provider()), HasSubstr("answered 307"));
  EXPECT_THAT(elsewhere.asked(), SizeIs(0));
}

TEST_P(Provider, AnEndlessAnswerIsCutOff) {
  server_.setAnswer([](const Asked&) { return Reply{200, std::string(300'000, ' ')}; });
  EXPECT_THAT(failure(provider()), HasSubstr("over 256 KiB"));
}

TEST_P(Provider, NobodyThereIsSaidToBeSo) {
  auto from = provider();
  {
    const ProviderServer gone(loop_, [](const Asked&) { return std::nullopt; });
    from.base_url = gone.url();
    from.url = Secret(gone.url());
  }
  EXPECT_THAT(failure(from), HasSubstr("refused"));
}

INSTANTIATE_TEST_SUITE_P(All, Provider,
                         testing::Values(Api{ProviderKind::kCloudflare, cloudflare, 3},
                                         Api{ProviderKind::kTwilio, twilio, 3},
                                         Api{ProviderKind::kMetered, metered, 3},
                                         Api{ProviderKind::kHttp, generic, 2}),
                         [](const auto& row) { return traitsOf(row.param.kind).word; });

}  // namespace
}  // namespace turnout
