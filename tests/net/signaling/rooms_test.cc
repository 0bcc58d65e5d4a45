// Our client against our server, over real sockets on the loopback.
#include "bots/signaling/client/socket_io_client.h"
#include "bots/signaling/server/signaling_server.h"
#include "tests/net/signaling/guest.h"

#include <gtest/gtest.h>

namespace turnout {
namespace {

using Start = EngineStart;

class RoomsOverSockets : public testing::TestWithParam<Start> {
 protected:
  void SetUp() override { serve({}); }
  void serve(SignalingServerOptions options) {
    server_.reset();
    auto started = SignalingServer::start(loop_, std::move(options));
    ASSERT_TRUE(started) << started.error().what;
    server_ = *std::move(started);
  }
  std::unique_ptr<Guest> guest(const std::string& room, const std::string& user) {
    return std::make_unique<Guest>(loop_, server_->url(), room, user, GetParam());
  }
  template <class T>
  bool waitFor(const Guest& guest, std::size_t count = 1) {
    return loop_.runUntil([&] { return guest.all<T>().size() >= count; }, 5s);
  }

  Loop loop_;
  std::unique_ptr<SignalingServer> server_;
};

TEST_P(RoomsOverSockets, TwoPeersExchangeDescriptionsAndCandidates) {
  const auto ann = guest("r", "ann");
  ASSERT_TRUE(waitFor<SignalJoined>(*ann));
  const auto ben = guest("r", "ben");
  ASSERT_TRUE(waitFor<SignalJoined>(*ben));
  EXPECT_EQ(ben->all<SignalJoined>()[0].peers, (std::vector<RoomPeer>{{ann->id(), "ann"}}));
  ASSERT_TRUE(waitFor<SignalPeerJoined>(*ann));
  EXPECT_EQ(ann->all<SignalPeerJoined>()[0].peer, (RoomPeer{ben->id(), "ben"}));

  const std::string sdp = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=\"\\ \xc3\xbc\r\n";
  ben->client->sendDescription(ann->id(), 1, "offer", sdp);
  ben->client->sendCandidate(ann->id(), 1, 1, "candidate:1 1 UDP 1 127.0.0.1 9 typ host");
  ben->client->sendCandidate(ann->id(), 1, 1, "");
  ASSERT_TRUE(waitFor<SignalCandidate>(*ann, 2));
  const auto offer = ann->all<SignalDescription>().at(0);
  EXPECT_EQ(offer.from, ben->id());
  EXPECT_EQ(offer.type, "offer");
  EXPECT_EQ(offer.sdp, sdp);
  const auto candidates = ann->all<SignalCandidate>();
  EXPECT_EQ(candidates[0].mline, 1u);
  EXPECT_EQ(candidates[0].candidate, "candidate:1 1 UDP 1 127.0.0.1 9 typ host");
  EXPECT_EQ(candidates[1].candidate, "");

  ann->client->sendDescription(ben->id(), 1, "answer", sdp);
  ASSERT_TRUE(waitFor<SignalDescription>(*ben));
  EXPECT_EQ(server_->stats().app.signals, 4u);
}

TEST_P(RoomsOverSockets, ASignalOfUnknownShapeIsToldToItsSenderAndAnErrorIsNotAnswered) {
  const auto ann = guest("r", "ann");
  ASSERT_TRUE(waitFor<SignalJoined>(*ann));
  std::vector<SocketIoClient::Event> heard;
  SocketIoClient::Options options;
  options.engine.url = server_->url();
  SocketIoClient stranger(loop_, options, [&](auto event) { heard.push_back(std::move(event)); });
  const auto heardOf = [&heard](const char* key) {
    return std::ranges::any_of(heard, [key](const auto& event) {
      const auto* message = std::get_if<SocketIoClient::Message>(&event.body);
      return message && message->name == "signal" &&
             message->arguments.at(0).get("data").stringOr(key, "") == "unknown_signal";
    });
  };
  ASSERT_TRUE(loop_.runUntil([&] { return !heard.empty(); }, 5s));  // it is in the namespace
  stranger.emitWithAck("join", {R"({"room":"r","user":"ben"})"});
  const auto signal = [&](const std::string& data) {
    stranger.emitWithAck("signal", {R"({"to":")" + ann->id() + R"(","data":)" + data + "}"});
  };
  signal(R"({"error":"whatever"})");
  signal(R"({"hello":1,"text":"hi"})");
  ASSERT_TRUE(waitFor<SignalUnread>(*ann));
  EXPECT_EQ(ann->all<SignalUnread>().size(), 1u);
  EXPECT_EQ(ann->all<SignalUnread>()[0].what, "keys hello, text");
  EXPECT_TRUE(loop_.runUntil([&] { return heardOf("error"); }, 5s));
  for (const char* odd : {R"({"candidate":"text"})", R"({"type":"offer","sdp":{}})",
                          R"({"candidate":{"candidate":"c","sdpMLineIndex":-1}})"})
    signal(odd);
  EXPECT_TRUE(waitFor<SignalUnread>(*ann, 4));
}

TEST_P(RoomsOverSockets, LeavingIsAcknowledgedAndTheOthersHearOfIt) {
  const auto ann = guest("r", "ann");
  ASSERT_TRUE(waitFor<SignalJoined>(*ann));
  const auto ben = guest("r", "ben");
  ASSERT_TRUE(waitFor<SignalJoined>(*ben));
  ben->client->leave();
  ASSERT_TRUE(waitFor<SignalLeft>(*ben));
  ASSERT_TRUE(waitFor<SignalPeerLeft>(*ann));
  EXPECT_EQ(ann->all<SignalPeerLeft>()[0].id, ben->id());
}

TEST_P(RoomsOverSockets, WhatIsSentInAPauseComesAfterItInOrder) {
  if (GetParam() != Start::kWebSocket)
    GTEST_SKIP() << "polling is not paused";
  const auto ann = guest("r", "ann");
  ASSERT_TRUE(waitFor<SignalJoined>(*ann));
  const auto ben = guest("r", "ben");
  ASSERT_TRUE(waitFor<SignalJoined>(*ben));
  const auto cat = guest("r", "cat");
  ASSERT_TRUE(waitFor<SignalJoined>(*cat));
  ann->client->setPaused(true);
  ann->client->sendCandidate(ben->id(), 1, 0, "first");
  ann->client->sendCandidate(ben->id(), 1, 0, "second");
  ben->client->sendCandidate(cat->id(), 1, 0, "while ann hears and says nothing");
  ben->client->sendCandidate(ann->id(), 1, 0, "late");
  ASSERT_TRUE(waitFor<SignalCandidate>(*cat));
  EXPECT_FALSE(ben->has<SignalCandidate>());
  EXPECT_FALSE(ann->has<SignalCandidate>());
  ann->client->setPaused(false);
  ASSERT_TRUE(loop_.runUntil([&] { return ben->all<SignalCandidate>().size() == 2; }, 10s));
  EXPECT_EQ(ben->all<SignalCandidate>()[0].candidate, "first");
  ASSERT_TRUE(waitFor<SignalCandidate>(*ann));
  EXPECT_EQ(ann->all<SignalCandidate>()[0].candidate, "late");
}

TEST_P(RoomsOverSockets, ServerGoingAwayIsDown) {
  const auto ann = guest("r", "ann");
  ASSERT_TRUE(waitFor<SignalJoined>(*ann));
  server_.reset();
  EXPECT_TRUE(waitFor<SignalDown>(*ann));
}

INSTANTIATE_TEST_SUITE_P(BothStarts, RoomsOverSockets,
                         testing::Values(Start::kWebSocket, Start::kPollingThenUpgrade),
                         [](const auto& one) {
                           return one.param == Start::kWebSocket ? "WebSocket" : "Polling";
                         });

}  // namespace
}  // namespace turnout
