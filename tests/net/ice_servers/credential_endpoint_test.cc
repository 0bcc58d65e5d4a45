// The endpoint as clients meet it: on the port of the signaling server.
#include "orchestrator/ice_servers/supply/credential_endpoint.h"

#include "bots/signaling/server/signaling_server.h"
#include "tests/net/ice_servers/provider_server.h"
#include "tests/net/signaling/raw_socket.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

struct Served : testing::Test {
  Loop loop;
  std::unique_ptr<CredentialEndpoint> endpoint;
  std::unique_ptr<SignalingServer> server;

  void serve(CredentialEndpoint::Config config) {
    auto started = CredentialEndpoint::start(loop, std::move(config));
    ASSERT_TRUE(started) << started.error().what;
    endpoint = *std::move(started);
    SignalingServerOptions options;
    options.endpoints = {endpoint->endpoint()};
    auto listening = SignalingServer::start(loop, options);
    ASSERT_TRUE(listening) << listening.error().what;
    server = *std::move(listening);
  }
  std::string ask(const std::string& method, const std::string& headers = "",
                  const std::string& path = CredentialEndpoint::kPath) {
    RawSocket socket(server->port());
    socket.send(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" +
                headers + "\r\n");
    EXPECT_TRUE(loop.runUntil([&] { return socket.isClosed(); }, 5s));
    return socket.received();
  }
};

ScenarioServer restServer() {
  ScenarioServer server;
  server.urls = {"turn:a.example"};
  server.rest_secret = Secret("hunter2");
  return server;
}

TEST_F(Served, GetAndPostAnswerWithHeadersOfTheirOwn) {
  serve({.servers = {restServer()}, .token = Secret("tok"), .origins = {"https://app.example"}});
  const std::string headers = "Authorization: Bearer tok\r\nOrigin: https://app.example\r\n";
  for (const std::string& answer :
       {ask("GET", headers), ask("POST", headers + "Content-Length: 0\r\n")})
    EXPECT_THAT(answer, AllOf(StartsWith("HTTP/1.1 200"), HasSubstr("application/json"),
                              HasSubstr("Cache-Control: no-store"),
                              HasSubstr("Access-Control-Allow-Origin: https://app.example"),
                              HasSubstr("{\"iceServers\":[{\"urls\":[\"turn:a.example\"]"),
                              Not(HasSubstr("hunter2"))));
  EXPECT_THAT(ask("OPTIONS", "Origin: https://app.example\r\n"), StartsWith("HTTP/1.1 204"));
  EXPECT_THAT(ask("GET"), AllOf(StartsWith("HTTP/1.1 401"), HasSubstr("WWW-Authenticate: Bearer")));
}

TEST_F(Served, OtherPathsAndTheMetricsAreAsBefore) {
  serve({.servers = {restServer()}});
  EXPECT_THAT(ask("GET", "", "/api/turn-credentials/"), StartsWith("HTTP/1.1 404"));
  EXPECT_THAT(ask("GET", "", "/metrics"),
              AllOf(StartsWith("HTTP/1.1 200"), Not(HasSubstr("hunter2"))));
}

TEST_F(Served, CredentialsOfAProviderArePassedOnAndItsTokenIsNot) {
  bool is_up = false;
  ProviderServer provider(loop, [&](const ProviderServer::Asked&) {
    return is_up ? ProviderServer::Reply{201, R"({"iceServers":{"urls":["turn:cf.example"],
                                                  "username":"u","credential":"issued"}})"}
                 : ProviderServer::Reply{500};
  });
  CredentialProvider cloudflare{.kind = ProviderKind::kCloudflare};
  cloudflare.account = "k";
  cloudflare.token = Secret("hunter2");
  cloudflare.base_url = provider.url();
  ScenarioServer server_entry;
  server_entry.source = cloudflare;
  serve({.servers = {server_entry}, .per_minute = 10'000});
  ASSERT_TRUE(loop.runUntil([&] { return !provider.asked().empty(); }, 10s));
  EXPECT_THAT(ask("GET"), AllOf(StartsWith("HTTP/1.1 503"), HasSubstr("Retry-After: 5"),
                                Not(HasSubstr("hunter2")), Not(HasSubstr("500"))));
  is_up = true;
  const auto answers = [&] { return endpoint->answer({"GET", "192.0.2.1", {}, {}}).status; };
  ASSERT_TRUE(loop.runUntil([&] { return answers() == 200; }, 10s));
  EXPECT_THAT(ask("GET"), AllOf(StartsWith("HTTP/1.1 200"), HasSubstr("\"credential\":\"issued\""),
                                HasSubstr("\"ttl\":"), Not(HasSubstr("hunter2"))));
}

}  // namespace
}  // namespace turnout
