// Requests and answers as the providers document them.
#include "orchestrator/ice_servers/supply/provider_exchange.h"

#include "pipelines/base/clock.h"

#include <ostream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

constexpr std::chrono::seconds kNow{1'800'000'000};

CredentialProvider provider(ProviderKind kind) {
  CredentialProvider made{.kind = kind};
  made.account = "account1";
  made.token = Secret("hunter2");
  return made;
}

CredentialProvider http() {
  CredentialProvider made{.kind = ProviderKind::kHttp};
  made.url = Secret("https://app.example/turn?key=hunter2");
  made.headers = {{"Authorization", "V", Secret("Bearer hunter2-bearer")}};
  return made;
}

std::string header(const HttpRequest& request, const std::string& name) {
  for (const HttpHeader& each : request.headers)
    if (each.name == name)
      return each.value.reveal();
  return "";
}

template <class T>
T answered(CredentialProvider from, unsigned status, const std::string& body,
           std::optional<std::chrono::seconds> retry_after = {}) {
  ProviderExchange exchange(std::move(from));
  exchange.begin();
  auto next = exchange.take({status, retry_after, body}, kNow);
  T* expected = std::get_if<T>(&next);
  EXPECT_NE(expected, nullptr) << "another kind of answer: " << next.index();
  return expected ? *expected : T{};
}

TEST(ProviderRequest, OfCloudflare) {
  auto from = provider(ProviderKind::kCloudflare);
  from.ttl = 3600s;
  const HttpRequest request = ProviderExchange(from).begin();
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url.reveal(),
            "https://rtc.live.cloudflare.com/v1/turn/keys/account1/credentials/"
            "generate-ice-servers");
  EXPECT_EQ(header(request, "Authorization"), "Bearer hunter2");
  EXPECT_EQ(request.content_type, "application/json");
  EXPECT_EQ(request.body.reveal(), R"({"ttl":3600})");
}

TEST(ProviderRequest, OfTwilio) {
  auto from = provider(ProviderKind::kTwilio);
  from.ttl = 600s;
  const HttpRequest request = ProviderExchange(from).begin();
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url.reveal(),
            "https://api.twilio.com/2010-04-01/Accounts/account1/Tokens.json");
  EXPECT_EQ(header(request, "Authorization"), "Basic YWNjb3VudDE6aHVudGVyMg==");
  EXPECT_EQ(request.content_type, "application/x-www-form-urlencoded");
  EXPECT_EQ(request.body.reveal(), "Ttl=600");
}

TEST(ProviderRequest, OfMeteredWithItsApiKey) {
  const HttpRequest request = ProviderExchange(provider(ProviderKind::kMetered)).begin();
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.url.reveal(),
            "https://account1.metered.live/api/v1/turn/credentials?apiKey=hunter2");
}

TEST(ProviderRequest, OfMeteredWithATtlCreatesACredentialFirst) {
  auto from = provider(ProviderKind::kMetered);
  from.ttl = 300s;
  ProviderExchange exchange(from);
  const HttpRequest first = exchange.begin();
  EXPECT_EQ(first.method, "POST");
  EXPECT_EQ(first.url.reveal(),
            "https://account1.metered.live/api/v1/turn/credential?secretKey=hunter2");
  EXPECT_EQ(first.body.reveal(), R"({"expiryInSeconds":300,"label":"turnout"})");
  const auto next = exchange.take(
      {200, {}, R"({"username":"u","password":"p","expiryInSeconds":300,"apiKey":"k/1"})"}, kNow);
  ASSERT_TRUE(std::holds_alternative<HttpRequest>(next));
  EXPECT_EQ(std::get<HttpRequest>(next).url.reveal(),
            "https://account1.metered.live/api/v1/turn/credentials?apiKey=k%2F1");
  const auto last =
      exchange.take({200, {}, R"([{"urls":"turn:a","username":"u","credential":"p"}])"}, kNow);
  ASSERT_TRUE(std::holds_alternative<FetchedServers>(last));
  EXPECT_EQ(std::get<FetchedServers>(last).lifetime, 300s);
}

TEST(ProviderRequest, OfAnyOtherApi) {
  auto from = http();
  EXPECT_EQ(ProviderExchange(from).begin().content_type, "");
  from.method = "POST";
  from.body = R"({"room":1})";
  const HttpRequest request = ProviderExchange(from).begin();
  EXPECT_EQ(request.url.reveal(), "https://app.example/turn?key=hunter2");
  EXPECT_EQ(header(request, "Authorization"), "Bearer hunter2-bearer");
  EXPECT_EQ(request.body.reveal(), R"({"room":1})");
}

TEST(ProviderRequest, GoesToAnotherBaseWhenTold) {
  auto from = provider(ProviderKind::kTwilio);
  from.base_url = "http://127.0.0.1:8080/twilio/";
  EXPECT_EQ(ProviderExchange(from).begin().url.reveal(),
            "http://127.0.0.1:8080/twilio/2010-04-01/Accounts/account1/Tokens.json");
}

constexpr const char* kCloudflareAnswer = R"({"iceServers": [
  {"urls": ["stun:stun.cloudflare.com:3478", "stun:stun.cloudflare.com:53"]},
  {"urls": ["turn:turn.cloudflare.com:3478?transport=udp",
            "turn:turn.cloudflare.com:53?transport=udp",
            "turn:turn.cloudflare.com:3478?transport=tcp",
            "turn:turn.cloudflare.com:80?transport=tcp",
            "turns:turn.cloudflare.com:5349?transport=tcp",
            "turns:turn.cloudflare.com:443?transport=tcp"],
   "username": "bc91b63e2b5d759f8eb9f3b58062439e0a0e15893d76317d833265ad08d6631099ce7c7087caabb3",
   "credential": "ebd71f1d3edbc2b0edae3cd5a6d82284aeb5c3b8fdaa9b8e3bf9cec683e0d45f"}]})";

TEST(ProviderAnswer, OfCloudflare) {
  const auto fetched =
      answered<FetchedServers>(provider(ProviderKind::kCloudflare), 201, kCloudflareAnswer);
  ASSERT_THAT(fetched.servers, SizeIs(8));
  EXPECT_EQ(fetched.servers[7].url, "turns:turn.cloudflare.com:443?transport=tcp");
  EXPECT_THAT(fetched.servers[7].credential.reveal(), HasSubstr("ebd71f1d"));
  EXPECT_EQ(fetched.lifetime, 86'400s);
  EXPECT_THAT(fetched.findings, SizeIs(0));
}

TEST(ProviderAnswer, OfTwilio) {
  const auto fetched = answered<FetchedServers>(provider(ProviderKind::kTwilio), 201, R"({
    "username": "dc2d2894d5a9023620c467b0e71cfa6a35457e6679785ed6ae9856fe5bdfa269",
    "ice_servers": [
      {"urls": "stun:global.stun.twilio.com:3478", "url": "stun:global.stun.twilio.com:3478"},
      {"username": "dc2d2894", "credential": "tE2DajzSJwnsSbc123",
       "url": "turn:global.turn.twilio.com:3478?transport=udp",
       "urls": "turn:global.turn.twilio.com:3478?transport=udp"}],
    "date_updated": "Fri, 01 May 2020 01:42:57 +0000", "account_sid": "account1", "ttl": "600",
    "date_created": "Fri, 01 May 2020 01:42:57 +0000", "password": "tE2DajzSJwnsSbc123"})");
  ASSERT_THAT(fetched.servers, SizeIs(2));
  EXPECT_EQ(fetched.servers[1].username, "dc2d2894");
  EXPECT_EQ(fetched.lifetime, 600s);
}

TEST(ProviderAnswer, OfMeteredIsABareListThatDoesNotTellWhenItExpires) {
  const auto fetched = answered<FetchedServers>(provider(ProviderKind::kMetered), 200,
                                                R"([{"urls": "stun:stun.relay.metered.ca:80"},
          {"urls": "turn:global.relay.metered.ca:80", "username": "u", "credential": "p"}])");
  EXPECT_THAT(fetched.servers, SizeIs(2));
  EXPECT_EQ(fetched.lifetime, std::nullopt);
}

TEST(ProviderAnswer, OfTheTurnRestDraft) {
  const auto fetched = answered<FetchedServers>(
      http(), 200, R"({"username": "1800000500:7", "password": "p", "ttl": 86400,
                       "uris": ["turn:a.example?transport=udp"]})");
  ASSERT_THAT(fetched.servers, SizeIs(1));
  EXPECT_EQ(fetched.lifetime, 500s) << "the user name's expiry comes before the ttl";
}

TEST(ProviderAnswer, ListsDeepInAnAnswerAreFoundByTheirPath) {
  auto from = http();
  from.list_path = "v.iceServers[0]";
  from.ttl = 30s;
  const auto fetched =
      answered<FetchedServers>(from, 200, R"({"v": {"iceServers": [{"urls": ["stun:a"]}]}})");
  EXPECT_THAT(fetched.servers, SizeIs(1));
  EXPECT_EQ(fetched.lifetime, 30s);
}

TEST(ProviderAnswer, AServerThatBrowsersAskInVainIsAFinding) {
  const auto fetched = answered<FetchedServers>(
      http(), 200, R"([{"urls": "stun:a"}, {"urls": "stun:b..c"}, {"urls": "stun:a"}])");
  EXPECT_THAT(fetched.servers, SizeIs(1));
  EXPECT_THAT(fetched.findings, SizeIs(2));
}

struct Refusal {
  unsigned status;
  std::string body;
  FetchFault fault;
  std::string what;
};
std::ostream& operator<<(std::ostream& out, const Refusal& row) {
  return out << row.status << " " << row.body;
}

class ProviderRefusal : public testing::TestWithParam<Refusal> {};

TEST_P(ProviderRefusal, IsAClearErrorWithoutTheToken) {
  const Refusal& row = GetParam();
  const auto failure =
      answered<FetchFailure>(provider(ProviderKind::kCloudflare), row.status, row.body);
  EXPECT_STREQ(toString(failure.fault), toString(row.fault));
  EXPECT_THAT(failure.what, HasSubstr(row.what));
  EXPECT_THAT(failure.what, Not(HasSubstr("hunter2")));
}

INSTANTIATE_TEST_SUITE_P(
    Rows, ProviderRefusal,
    testing::Values(
        Refusal{401, R"({"code":20003,"message":"Authenticate","status":401})",
                FetchFault::kRefused,
                "cloudflare answered 401 (\"Authenticate\"): the token is wrong"},
        Refusal{401, R"({"error":"Invalid API Key"})", FetchFault::kRefused,
                "401 (\"Invalid API Key\")"},
        Refusal{403, "Forbidden", FetchFault::kRefused, "cloudflare answered 403: the token"},
        Refusal{403, R"({"errors":[{"code":1,"message":"bad token hunter2"}]})",
                FetchFault::kRefused, "403 (\"bad token ***\")"},
        Refusal{404, "", FetchFault::kUnknown, "404: it does not know account1"},
        Refusal{429, "{}", FetchFault::kRateLimited, "429: asked too often"},
        Refusal{500, "<html>", FetchFault::kBroken, "cloudflare answered 500"},
        Refusal{302, "", FetchFault::kBroken, "cloudflare answered 302"},
        Refusal{400, "{\"message\":\"a\\u001b[2Jb\"}", FetchFault::kBroken, "(\"a\\x1b[2Jb\")"},
        Refusal{200, "<html>hunter2", FetchFault::kUnreadable,
                "cloudflare's answer is not JSON (line 1, column 1)"},
        Refusal{200, "", FetchFault::kUnreadable, "not JSON"},
        Refusal{200, "{}", FetchFault::kNoServers, "no server that can be used"},
        Refusal{200, R"([{"urls":"turn:a"}])", FetchFault::kNoServers, "without user name"},
        Refusal{200, R"([{"urls":"turn:a","username":"1799999000:x","credential":"p"}])",
                FetchFault::kExpired, "expired 1000 s ago: a clock is wrong"}));

TEST(ProviderAnswer, TellsHowLongToWaitWhenRateLimited) {
  const auto failure = answered<FetchFailure>(provider(ProviderKind::kTwilio), 429, "{}", 17s);
  EXPECT_EQ(failure.retry_after, 17s);
  EXPECT_THAT(failure.what, HasSubstr("again in 17 s"));
}

TEST(ProviderAnswer, SecretsOfHeadersAndUrlAreHiddenWhenTheyComeBack) {
  const auto failure = answered<FetchFailure>(
      http(), 500, R"({"message": "https://app.example/turn?key=hunter2 hunter2-bearer"})");
  EXPECT_THAT(failure.what, Not(HasSubstr("hunter2")));
}

TEST(ProviderAnswer, OfMeteredWithoutAKeyIsUnreadable) {
  auto from = provider(ProviderKind::kMetered);
  from.ttl = 300s;
  EXPECT_THAT(answered<FetchFailure>(from, 200, R"({"username":"u"})").what, HasSubstr("apiKey"));
}

TEST(ProviderAnswer, FailuresOfTheNetworkHaveTheirOwnNames) {
  const ProviderExchange exchange(provider(ProviderKind::kTwilio));
  using Kind = HttpFailure::Kind;
  EXPECT_EQ(exchange.failed({Kind::kTimeout, "x"}).fault, FetchFault::kTimeout);
  EXPECT_EQ(exchange.failed({Kind::kUntrusted, "x"}).fault, FetchFault::kUnreachable);
  EXPECT_EQ(exchange.failed({Kind::kTooLarge, "x"}).fault, FetchFault::kUnreadable);
  EXPECT_EQ(exchange.failed({Kind::kUnreachable, "no route"}).what, "twilio: no route");
}

TEST(ProviderAnswer, OfXirsysWhichTakesPutAndTellsErrorsWith200) {
  auto from = http();
  from.method = "PUT";
  from.body = R"({"format":"urls"})";
  from.list_path = "v.iceServers";
  EXPECT_EQ(ProviderExchange(from).begin().method, "PUT");
  EXPECT_EQ(ProviderExchange(from).begin().body.reveal(), from.body);
  const auto fetched = answered<FetchedServers>(from, 200, R"({"v": {"iceServers":
      {"username": "u", "urls": ["stun:a", "turn:a?transport=udp"], "credential": "p"}}, "s": "ok"})");
  EXPECT_THAT(fetched.servers, SizeIs(2));
  const auto refused = answered<FetchFailure>(from, 200, R"({"v": "unauthorized", "s": "error"})");
  EXPECT_THAT(refused.what, HasSubstr("it says (\"unauthorized\")"));
}

TEST(ProviderAnswer, OfAwsHasALifetimeForEachEntry) {
  const auto fetched = answered<FetchedServers>(http(), 200, R"({"IceServerList": [
      {"Uris": ["turn:a?transport=udp"], "Username": "u", "Password": "p", "Ttl": 300},
      {"Uris": ["turns:a?transport=tcp"], "Username": "u", "Password": "p", "Ttl": 200}]})");
  EXPECT_THAT(fetched.servers, SizeIs(2));
  EXPECT_EQ(fetched.lifetime, 200s);
}

TEST(ProviderAnswer, MayBeginWithAByteOrderMark) {
  const auto fetched =
      answered<FetchedServers>(http(), 200, "\xef\xbb\xbf[{\"urls\": \"stun:a\"}]");
  EXPECT_THAT(fetched.servers, SizeIs(1));
}

TEST(ProviderAnswer, ThatTellsWhenItIsOver) {
  constexpr const char* kServers =
      R"({"ice_servers": [{"urls": "turn:a", "username": "u", "credential": "p"}], "expires_at": )";
  EXPECT_EQ(answered<FetchedServers>(http(), 200, std::string(kServers) + "1800000060}").lifetime,
            60s);
  EXPECT_EQ(
      answered<FetchedServers>(http(), 200, std::string(kServers) + "1800000060000}").lifetime,
      60s);
  const auto over =
      answered<FetchFailure>(http(), 200, std::string(kServers) + "\"2019-08-24T14:15:22Z\"}");
  EXPECT_EQ(over.fault, FetchFault::kExpired);
}

TEST(ProviderAnswer, ANumberAsUserNameNeedNotBeATime) {
  const auto fetched = answered<FetchedServers>(
      http(), 200, R"([{"urls": "turn:a", "username": 1433895918, "credential": 12345}])");
  EXPECT_EQ(fetched.servers.at(0).username, "1433895918");
  EXPECT_EQ(fetched.lifetime, std::nullopt);
}

TEST(ProviderAnswer, ThatMakesBrowsersThrowIsNoListAtAll) {
  const auto refused =
      answered<FetchFailure>(provider(ProviderKind::kTwilio), 201, R"({"ice_servers": [
      {"urls": "stun:a?transport=udp"}, {"urls": "turn:a", "username": "u", "credential": "p"}]})");
  EXPECT_THAT(refused.what, HasSubstr("ice_servers[0].urls"));
  EXPECT_THAT(refused.what, HasSubstr("browsers refuse the whole list"));
}

TEST(ProviderRefusal, OfARedirectNamesWhereTo) {
  ProviderExchange exchange(http());
  exchange.begin();
  const auto next =
      exchange.take({.status = 302, .body = "", .location = "https://login.example/turn"}, kNow);
  const auto& refused = std::get<FetchFailure>(next);
  EXPECT_THAT(refused.what, HasSubstr("redirects to https://login.example/turn"));
}

TEST(ProviderRefusal, HidesSecretsInPiecesAndEncoded) {
  auto from = http();
  from.url_env = "TURN_API";
  from.url = Secret("https://app.example/v1/s3cretpath/turn?key=hunter%2Bkey");
  from.headers = {{"Authorization", "V", Secret("Basic dXNlcjpzZXNhbWUtb3Blbg==")}};
  const auto refused = answered<FetchFailure>(
      from, 400,
      R"({"error": "no /v1/s3cretpath for hunter+key, hunter%2Bkey, user:sesame-open or sesame-open"})");
  for (const char* secret : {"s3cretpath", "hunter", "sesame"})
    EXPECT_THAT(refused.what, Not(HasSubstr(secret)));
}

}  // namespace
}  // namespace turnout
