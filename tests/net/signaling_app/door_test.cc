// Who may come in, how much one may say, and that it can be seen on /metrics.
#include "tests/net/signaling_app/server_test.h"

namespace turnout {
namespace {

using Door = ServerTest;

constexpr const char* kHandshake = "/socket.io/?EIO=4&transport=polling";

TEST_F(Door, ATokenIsAskedForInTheHandshake) {
  SignalingServerOptions options;
  options.token = Secret("open sesame");
  serve(options);
  Caller stranger(loop_, server_->url());
  EXPECT_FALSE(stranger.isIn());
  EXPECT_EQ(stranger.refused, "bad_token");
  caller(R"({"token":"open sesame"})");
  EXPECT_EQ(server_->stats().bad_tokens, 1u);
  EXPECT_NE(get("/metrics", "Authorization: Bearer open sesame\r\n")
                .find("turned_away_total{reason=\"bad_token\"} 1\n"),
            std::string::npos);
}

TEST_F(Door, PagesOfOtherOriginsStayOutside) {
  SignalingServerOptions options;
  options.engine.admission.origins = {"https://app.example"};
  serve(options);
  const auto foreign = get(kHandshake, "Origin: https://evil.example\r\n");
  EXPECT_EQ(foreign.substr(0, 12), "HTTP/1.1 403");
  EXPECT_EQ(get(kHandshake, "Origin: https://app.example\r\n").substr(0, 12), "HTTP/1.1 200");
  EXPECT_EQ(server_->stats().engine.foreign_origins, 1u);
  const auto upgrade = get("/socket.io/?EIO=4&transport=websocket",
                           "Origin: https://evil.example\r\nUpgrade: websocket\r\n"
                           "Sec-WebSocket-Version: 13\r\n"
                           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
  EXPECT_EQ(upgrade.substr(0, 12), "HTTP/1.1 403");
  caller();  // no page, no origin
}

TEST_F(Door, OneAddressHasSoManySessions) {
  SignalingServerOptions options;
  options.engine.admission.max_per_address = 2;
  serve(options);
  const auto first = caller();
  auto second = caller();
  Caller third(loop_, server_->url());
  EXPECT_FALSE(third.isIn());
  EXPECT_EQ(server_->stats().engine.crowded_addresses, 1u);
  second->vanish();
  ASSERT_TRUE(eventually([this] { return server_->stats().sessions == 1; }));
  caller();
}

// libsoup 3.2 closes it after each answer unless told otherwise; proxies and clients that poll keep
// theirs.
TEST_F(Door, AConnectionIsGoodForManyRequests) {
  serve();
  RawSocket kept(server_->port());
  for (int i = 1; i <= 3; i++) {
    kept.send("GET " + std::string(kHandshake) + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    ASSERT_TRUE(eventually([&] {
      return server_->stats().engine.opened == static_cast<std::uint64_t>(i) || kept.isClosed();
    }));
    ASSERT_FALSE(kept.isClosed()) << "after " << i;
  }
}

TEST_F(Door, AFloodIsClosedAndCounted) {
  SignalingServerOptions options;
  options.app.budget = {.per_second = 1, .burst = 20};
  serve(options);
  const auto flood = caller(), other = caller();
  for (int i = 0; i < 60; ++i)
    flood->client().emit("leave", {"{}"});
  EXPECT_TRUE(flood->goesDown());
  EXPECT_TRUE(other->ask("leave").boolOr("ok", false));
  const auto metrics = get("/metrics");
  const auto refused = server_->stats().app.of(AppError::kRateLimited);
  EXPECT_GE(refused, 20u);
  EXPECT_NE(metrics.find("turnout_signaling_limits_total{limit=\"rate_limited\"} " +
                         std::to_string(refused) + "\n"),
            std::string::npos);
  EXPECT_NE(metrics.find("turnout_signaling_floods_total 1\n"), std::string::npos);
}

TEST_F(Door, ABigMessageIsRefusedByName) {
  SignalingServerOptions options;
  options.app.max_message = 1000;
  serve(options);
  const auto ann = caller();
  EXPECT_EQ(ann->ask("leave", "{\"x\":\"" + std::string(1000, 'x') + "\"}").stringOr("error", ""),
            "too_large");
}

TEST_F(Door, MetricsAreServedToGetOnly) {
  serve();
  const auto ann = caller();
  const auto answer = get("/metrics");
  EXPECT_EQ(answer.substr(0, 12), "HTTP/1.1 200");
  EXPECT_NE(answer.find("text/plain; version=0.0.4"), std::string::npos);
  EXPECT_NE(answer.find("\nturnout_signaling_connections 1\n"), std::string::npos);
  RawSocket post(server_->port());
  post.send(
      "POST /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: "
      "0\r\n\r\n");
  ASSERT_TRUE(eventually([&] { return post.isClosed(); }));
  EXPECT_EQ(post.received().substr(0, 12), "HTTP/1.1 405");
}

}  // namespace
}  // namespace turnout
