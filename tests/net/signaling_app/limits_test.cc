// Every limit: who runs into it is told why, the others notice nothing, and /metrics counts it.
#include "tests/net/signaling_app/server_test.h"

#include <gmock/gmock.h>

namespace turnout {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kPollingHandshake = "/socket.io/?EIO=4&transport=polling";

class Limits : public ServerTest {
 protected:
  void expectCounted(const std::string& sample) {
    EXPECT_THAT(get("/metrics"), HasSubstr("\nturnout_signaling_" + sample + "\n"));
  }
  std::string post(const std::string& path, std::size_t size) {
    RawSocket socket(server_->port());
    socket.send("POST " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" +
                "Content-Length: " + std::to_string(size) + "\r\n\r\n" + std::string(size, 'x'));
    EXPECT_TRUE(eventually([&] { return socket.isClosed(); }));
    return socket.received();
  }
};

TEST_F(Limits, AFullServerSaysSoAndServesThoseInside) {
  SignalingServerOptions options;
  options.engine.max_sessions = 1;
  serve(options);
  const auto inside = caller();
  const auto answer = get(kPollingHandshake);
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 503"));
  EXPECT_THAT(answer, HasSubstr(R"("message":"Too many sessions")"));
  Caller late(loop_, server_->url());
  EXPECT_FALSE(late.isIn());
  EXPECT_TRUE(inside->ask("leave").boolOr("ok", false));
  expectCounted("turned_away_total{reason=\"full\"} 2");
}

TEST_F(Limits, ForeignOriginsAreCounted) {
  SignalingServerOptions options;
  options.engine.admission.origins = {"https://app.example"};
  serve(options);
  EXPECT_THAT(get(kPollingHandshake, "Origin: https://evil.example\r\n"),
              StartsWith("HTTP/1.1 403"));
  expectCounted("turned_away_total{reason=\"foreign_origin\"} 1");
}

TEST_F(Limits, CrowdedAddressesAreCounted) {
  SignalingServerOptions options;
  options.engine.admission.max_per_address = 1;
  serve(options);
  const auto inside = caller();
  EXPECT_THAT(get(kPollingHandshake), StartsWith("HTTP/1.1 403"));
  EXPECT_TRUE(inside->ask("leave").boolOr("ok", false));
  expectCounted("turned_away_total{reason=\"crowded_address\"} 1");
}

TEST_F(Limits, APostOverTheLimitIsRefusedOnEveryPathBeforeItIsStored) {
  SignalingServerOptions options;
  options.engine.session.max_payload = 1000;
  serve(options);
  const auto inside = caller();
  for (const char* path : {kPollingHandshake, "/", "/metrics", "/nowhere"})
    EXPECT_THAT(post(path, 1001), StartsWith("HTTP/1.1 413")) << path;
  EXPECT_TRUE(inside->ask("leave").boolOr("ok", false));
  expectCounted("oversized_total 4");
}

TEST_F(Limits, AFrameOverTheLimitClosesItsSenderOnly) {
  SignalingServerOptions options;
  options.engine.session.max_payload = 1000;
  serve(options);
  const auto loud = caller(), other = caller();
  loud->client().emit("leave", {"\"" + std::string(1000, 'x') + "\""});
  EXPECT_TRUE(loud->goesDown());
  EXPECT_TRUE(other->ask("leave").boolOr("ok", false));
  expectCounted("oversized_total 1");
}

TEST_F(Limits, AnEventOverTheLimitIsCounted) {
  SignalingServerOptions options;
  options.app.max_message = 1000;
  serve(options);
  const auto ann = caller();
  EXPECT_EQ(ann->ask("leave", "\"" + std::string(1000, 'x') + "\"").stringOr("error", ""),
            "too_large");
  expectCounted("limits_total{limit=\"too_large\"} 1");
}

TEST_F(Limits, TooManyEventsAreCounted) {
  SignalingServerOptions options;
  options.app.budget = {.per_second = 0.001, .burst = 2};
  serve(options);
  const auto ann = caller(), ben = caller();
  ann->ask("leave");
  ann->ask("leave");
  EXPECT_EQ(ann->ask("leave").stringOr("error", ""), "rate_limited");
  EXPECT_TRUE(ben->ask("leave").boolOr("ok", false));
  expectCounted("limits_total{limit=\"rate_limited\"} 1");
}

TEST_F(Limits, NamesWithControlCharactersAreRefusedAndCounted) {
  serve();
  const auto ann = caller();
  EXPECT_EQ(ann->ask("register", R"({"user":"\u001b[2J"})").stringOr("error", ""), "bad_user");
  EXPECT_EQ(ann->ask("join", R"({"room":"a\u009bb","user":"ann"})").stringOr("error", ""),
            "bad_room");
  expectCounted("bad_requests_total{error=\"bad_user\"} 1");
  expectCounted("bad_requests_total{error=\"bad_room\"} 1");
}

TEST_F(Limits, ATokenProtectsTheMetricsToo) {
  SignalingServerOptions options;
  options.token = Secret("open sesame");
  serve(options);
  EXPECT_THAT(get("/metrics"), StartsWith("HTTP/1.1 401"));
  EXPECT_THAT(get("/metrics", "Authorization: Bearer open\r\n"), StartsWith("HTTP/1.1 401"));
  const auto answer = get("/metrics", "Authorization: Bearer open sesame\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(answer, HasSubstr("turned_away_total{reason=\"bad_token\"} 0"));
}

}  // namespace
}  // namespace turnout
