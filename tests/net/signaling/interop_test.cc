// Ours against the official Socket.IO packages, both ways.
#include "bots/signaling/server/signaling_server.h"
#include "tests/net/signaling/guest.h"
#include "tests/net/signaling/node_script.h"

#include <csignal>

#include <gtest/gtest.h>

namespace turnout {
namespace {

using Start = EngineStart;

class Interop : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto problem = NodeScript::missing()) {
      if (NodeScript::isRequired())
        FAIL() << *problem;
      GTEST_SKIP() << *problem;
    }
  }
  Loop loop_;
};

// The official client against our server.

class OfficialClient : public Interop, public testing::WithParamInterface<const char*> {
 protected:
  void run(const char* scenario, SignalingServerOptions options = {}) {
    auto started = SignalingServer::start(loop_, std::move(options));
    ASSERT_TRUE(started) << started.error().what;
    server_ = *std::move(started);
    script_.emplace(loop_, "official_client.js",
                    std::vector<std::string>{server_->url(), GetParam(), scenario});
    ASSERT_TRUE(script_->waitForExit()) << script_->output();
  }
  std::string text(const char* key) { return script_->find(key).text(); }
  bool isUpgrading() const { return std::string(GetParam()) == "polling,websocket"; }

  std::unique_ptr<SignalingServer> server_;
  std::optional<NodeScript> script_;
};

TEST_P(OfficialClient, LivesThroughARoom) {
  run("room");
  const auto ann = script_->find("ann");
  EXPECT_TRUE(ann.boolOr("ok", false)) << script_->output();
  EXPECT_EQ(ann.get("peers").text(), "[]");
  const auto peers = script_->find("ben").get("peers").elements();
  ASSERT_EQ(peers.size(), 1u);
  EXPECT_EQ(peers[0].stringOr("id", ""), ann.stringOr("id", "?"));
  EXPECT_EQ(peers[0].stringOr("user", ""), "ann");
  EXPECT_EQ(text("same"), "true");
  EXPECT_EQ(text("left"), "true");
  EXPECT_EQ(text("leave"), R"({"ok":true})");
  const std::string last = isUpgrading() ? "websocket" : GetParam();
  EXPECT_EQ(text("transports"), "[\"" + last + "\",\"" + last + "\"]");
  EXPECT_TRUE(loop_.runUntil([&] { return server_->stats().sessions == 0; }, 5s));
  EXPECT_EQ(server_->stats().census.rooms, 0u);
  EXPECT_EQ(server_->stats().engine.bad_requests, 0u);
  EXPECT_EQ(server_->stats().broken_connections, 0u);
}

TEST_P(OfficialClient, IsRefusedInWords) {
  run("refusals");
  EXPECT_EQ(text("unknown"), R"({"ok":false,"error":"unknown_event"})");
  EXPECT_EQ(text("binary"), R"({"ok":false,"error":"binary_not_supported"})");
  EXPECT_EQ(text("early"), R"({"ok":false,"error":"not_joined"})");
  EXPECT_EQ(text("nameless"), R"({"ok":false,"error":"bad_room"})");
  EXPECT_EQ(text("joined"), "true");
  EXPECT_EQ(text("twice"), R"({"ok":false,"error":"double_join"})");
  EXPECT_EQ(text("namespace"), R"("Invalid namespace")");
}

TEST_P(OfficialClient, ReconnectsAsSomeoneNew) {
  run("reconnect");
  EXPECT_EQ(text("fresh"), "true");
  EXPECT_EQ(text("ack"), "true");
  EXPECT_EQ(server_->stats().app.joins, 1u);
}

TEST_P(OfficialClient, StaysAliveByOurPings) {
  SignalingServerOptions options;
  options.engine.session.ping_interval = 100ms;
  options.engine.session.ping_timeout = 2s;
  run("pings", options);
  EXPECT_EQ(text("alive"), "true");
  EXPECT_EQ(text("ok"), "true");
}

TEST_P(OfficialClient, IsClosedWhenItsMessageIsOverTheLimit) {
  run("too_big");
  EXPECT_TRUE(script_->find("disconnected").isString()) << script_->output();
  EXPECT_TRUE(loop_.runUntil([&] { return server_->stats().sessions == 0; }, 5s));
}

INSTANTIATE_TEST_SUITE_P(Transports, OfficialClient,
                         testing::Values("websocket", "polling", "polling,websocket"),
                         [](const auto& one) {
                           std::string name = one.param;
                           return name.find(',') == name.npos ? name : "upgrade";
                         });

// Our client against the official server.

class OfficialServer : public Interop {
 protected:
  void serve(const std::string& options, const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments{options};
    arguments.insert(arguments.end(), more.begin(), more.end());
    script_.emplace(loop_, "official_server.js", arguments);
    const auto port = script_->waitFor("port").asInteger();
    ASSERT_TRUE(port) << script_->output();
    url_ = "http://127.0.0.1:" + std::to_string(*port);
  }
  std::unique_ptr<Guest> guest(const std::string& user, Start start) {
    return std::make_unique<Guest>(loop_, url_, "r", user, start);
  }
  template <class T>
  bool waitFor(const Guest& guest, std::size_t count = 1) {
    return loop_.runUntil([&] { return guest.all<T>().size() >= count; }, 10s);
  }
  void callThrough(Start start);

  std::optional<NodeScript> script_;
  std::string url_;
};

void OfficialServer::callThrough(Start start) {
  const auto ann = guest("ann", start);
  ASSERT_TRUE(waitFor<SignalJoined>(*ann)) << script_->output();
  const auto ben = guest("ben", start);
  ASSERT_TRUE(waitFor<SignalJoined>(*ben));
  ASSERT_TRUE(waitFor<SignalPeerJoined>(*ann));
  EXPECT_EQ(ann->all<SignalPeerJoined>()[0].peer, (RoomPeer{ben->id(), "ben"}));
  EXPECT_EQ(ben->all<SignalJoined>()[0].peers, (std::vector<RoomPeer>{{ann->id(), "ann"}}));

  const std::string sdp = "v=0\r\n" + std::string(20000, 'x');
  ben->client->sendDescription(ann->id(), 1, "offer", sdp);
  for (unsigned i = 0; i < 20; i++)
    ben->client->sendCandidate(ann->id(), 1, i, "candidate:" + std::to_string(i));
  ben->client->sendCandidate(ann->id(), 1, 0, "");
  ASSERT_TRUE(waitFor<SignalCandidate>(*ann, 21));
  EXPECT_EQ(ann->all<SignalDescription>().at(0).sdp, sdp);
  for (unsigned i = 0; i < 20; i++)
    EXPECT_EQ(ann->all<SignalCandidate>()[i].mline, i) << "candidates must keep their order";
  EXPECT_EQ(ann->all<SignalCandidate>()[20].candidate, "");
  ann->client->sendDescription(ben->id(), 1, "answer", sdp);
  ASSERT_TRUE(waitFor<SignalDescription>(*ben));
  EXPECT_EQ(ben->all<SignalDescription>()[0].type, "answer");

  ben->client->leave();
  ASSERT_TRUE(waitFor<SignalLeft>(*ben));
  ASSERT_TRUE(waitFor<SignalPeerLeft>(*ann));
}

TEST_F(OfficialServer, CarriesACallOverWebSocket) {
  serve("{}");
  callThrough(Start::kWebSocket);
}

TEST_F(OfficialServer, CarriesACallOverPollingAndTheUpgrade) {
  serve("{}");
  callThrough(Start::kPollingThenUpgrade);
  EXPECT_TRUE(script_->waitFor("upgraded").isPresent()) << script_->output();
}

TEST_F(OfficialServer, CarriesACallOverPollingAloneWhenItOffersNoUpgrade) {
  serve(R"({"transports":["polling"]})");
  callThrough(Start::kPollingThenUpgrade);
  EXPECT_EQ(script_->count("upgraded"), 0u);
}

TEST_F(OfficialServer, CarriesACallOverPollingAloneWhenTheUpgradeIsRefused) {
  serve("{}", {"no-websocket"});
  callThrough(Start::kPollingThenUpgrade);
  EXPECT_EQ(script_->count("upgraded"), 0u);
}

TEST_F(OfficialServer, WithoutWebSocketIsDownForAWebSocketStart) {
  serve(R"({"transports":["polling"]})");
  const auto ann = guest("ann", Start::kWebSocket);
  ASSERT_TRUE(waitFor<SignalDown>(*ann));
  EXPECT_FALSE(ann->has<SignalConnected>());
}

TEST_F(OfficialServer, DenyingTheConnectionIsARejectedJoin) {
  serve("{}", {"deny"});
  const auto ann = guest("ann", Start::kWebSocket);
  ASSERT_TRUE(waitFor<SignalRefused>(*ann));
  EXPECT_EQ(ann->all<SignalRefused>()[0].error, "denied");
}

TEST_F(OfficialServer, FullRoomIsARejectedJoin) {
  serve("{}");
  const auto ann = guest("ann", Start::kWebSocket);
  ASSERT_TRUE(waitFor<SignalJoined>(*ann));
  const auto ben = guest("ben", Start::kWebSocket);
  ASSERT_TRUE(waitFor<SignalJoined>(*ben));
  const auto cat = guest("cat", Start::kPollingThenUpgrade);
  ASSERT_TRUE(waitFor<SignalRefused>(*cat));
  EXPECT_EQ(cat->all<SignalRefused>()[0].error, "room_full");
}

TEST_F(OfficialServer, IsContentWithOurPongs) {
  serve(R"({"pingInterval":100,"pingTimeout":2000})");
  const auto ann = guest("ann", Start::kWebSocket);
  const auto ben = guest("ben", Start::kPollingThenUpgrade);
  EXPECT_TRUE(loop_.runUntil([&] { return script_->count("heartbeat") >= 6; }, 10s));
  EXPECT_FALSE(ann->has<SignalDown>());
  EXPECT_FALSE(ben->has<SignalDown>());
}

TEST_F(OfficialServer, GoingSilentIsDownWhenNoPingCame) {
  serve(R"({"pingInterval":200,"pingTimeout":200})");
  const auto ann = guest("ann", Start::kWebSocket);
  ASSERT_TRUE(waitFor<SignalJoined>(*ann));
  ::kill(script_->pid(), SIGSTOP);
  ASSERT_TRUE(waitFor<SignalDown>(*ann));
  EXPECT_EQ(ann->all<SignalDown>()[0].what, "no ping from the server");
}

TEST_F(OfficialServer, DyingIsDown) {
  serve("{}");
  const auto ann = guest("ann", Start::kWebSocket);
  const auto ben = guest("ben", Start::kPollingThenUpgrade);
  ASSERT_TRUE(waitFor<SignalJoined>(*ann));
  ASSERT_TRUE(waitFor<SignalJoined>(*ben));
  script_->kill();
  EXPECT_TRUE(waitFor<SignalDown>(*ann));
  EXPECT_TRUE(waitFor<SignalDown>(*ben));
}

TEST_F(OfficialServer, SeesACrashedTabWhenTheClientIsDestroyed) {
  serve("{}");
  auto ann = guest("ann", Start::kWebSocket);
  ASSERT_TRUE(waitFor<SignalJoined>(*ann));
  ann.reset();
  EXPECT_EQ(script_->waitFor("gone").asString(), "transport close") << script_->output();
}

}  // namespace
}  // namespace turnout
