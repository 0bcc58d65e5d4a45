// Sockets that are lost, come back, or say goodbye.
#include "bots/signaling/client/engine_client.h"
#include "tests/net/signaling_app/server_test.h"

namespace turnout {
namespace {

class SessionCareOverSockets : public ServerTest {
 protected:
  // Ann and Ben in a call.
  void talk(Duration grace, PlantedBugs bugs = {}) {
    SignalingServerOptions options;
    options.app.grace = grace;
    options.app.bugs = std::move(bugs);
    serve(options);
    ann_ = named("ann");
    ben_ = named("ben");
    const auto call = ann_->ask("call", R"({"to":"ben"})").stringOr("call", "");
    ASSERT_TRUE(ben_->ask("answer", R"({"call":")" + call + R"("})").boolOr("ok", false));
  }
  bool benIsMissed() {
    return eventually([this] { return server_->stats().app.lost == 1; });
  }

  std::unique_ptr<Caller> ann_, ben_;
};

TEST_F(SessionCareOverSockets, ALostUserComesBackIntoTheSameCall) {
  talk(10s);
  ben_->vanish();
  ASSERT_TRUE(benIsMissed());
  const auto again = named("ben");
  const auto back = again->hear("reconnected");
  EXPECT_EQ(back.stringOr("kind", ""), "call");
  EXPECT_EQ(back.stringOr("phase", ""), "active");
  EXPECT_EQ(back.get("peer").stringOr("id", ""), ann_->id);
  const auto news = ann_->hear("peer-reconnected");
  EXPECT_EQ(news.stringOr("id", ""), again->id);
  EXPECT_EQ(news.stringOr("was", ""), ben_->id);
  EXPECT_EQ(server_->stats().app.of(AppError::kSessionActive), 0u);
}

TEST_F(SessionCareOverSockets, AfterTheGraceThePartnerIsToldAndFree) {
  talk(50ms);
  ben_->vanish();
  EXPECT_EQ(ann_->hear("call-ended").stringOr("reason", ""), "lost");
  EXPECT_TRUE(ann_->ask("find-partner").boolOr("ok", false));
}

TEST_F(SessionCareOverSockets, ATakeoverWithTheKeyClosesTheOldSocket) {
  serve();
  const auto old = caller();
  const auto key = old->ask("register", R"({"user":"ann"})").stringOr("key", "");
  const auto tab = caller();
  EXPECT_EQ(tab->ask("register", R"({"user":"ann"})").stringOr("error", ""), "session_active");
  EXPECT_TRUE(
      tab->ask("register", R"({"user":"ann","key":")" + key + R"("})").boolOr("resumed", false));
  EXPECT_TRUE(old->hear("replaced").isObject());
  EXPECT_TRUE(old->goesDown());
  EXPECT_EQ(server_->stats().census.sessions, 1u);
}

// Speaks Socket.IO by hand, since our client has no goodbye.
class Goodbye : public SessionCareOverSockets, public testing::WithParamInterface<EnginePacket> {};

TEST_P(Goodbye, EndsTheSessionAtOnce) {
  serve();
  std::vector<std::string> heard;
  bool is_open = false;
  EngineClient::Handlers handlers;
  handlers.on_open = [&] { is_open = true; };
  handlers.on_message = [&](const EnginePacket& message) { heard.push_back(message.data); };
  handlers.on_close = [](const std::string&) {};
  const auto client = EngineClient::open(loop_, {.url = server_->url()}, handlers);
  ASSERT_TRUE(eventually([&] { return is_open; }));
  client->send({EnginePacketType::kMessage, "0"});
  client->send({EnginePacketType::kMessage, R"(21["register",{"user":"ann"}])"});
  ASSERT_TRUE(eventually([&] { return heard.size() == 2; }));
  client->send(GetParam());
  EXPECT_TRUE(eventually([&] { return server_->stats().app.left == 1; }));
  EXPECT_EQ(server_->stats().census, AppCensus{}) << "nothing is held";
}

INSTANTIATE_TEST_SUITE_P(Layers, Goodbye,
                         testing::Values(EnginePacket{EnginePacketType::kMessage, "1"},
                                         EnginePacket{EnginePacketType::kClose, ""}),
                         [](const auto& layer) { return layer.index ? "EngineIo" : "SocketIo"; });

TEST_F(SessionCareOverSockets, APlantedBugIsMadeByTheRunningServer) {
  talk(50ms, {PlantedBug::kNoCleanup});
  ben_->vanish();
  ASSERT_TRUE(benIsMissed());
  const auto again = caller();
  EXPECT_EQ(again->ask("register", R"({"user":"ben"})").stringOr("error", ""), "session_active");
  EXPECT_NE(get("/metrics").find("planted_bug{bug=\"no-cleanup\"} 1"), std::string::npos);
}

}  // namespace
}  // namespace turnout
