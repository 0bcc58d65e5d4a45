// Bots of a dialect over real sockets: the dialect of our own protocol against our own server, by every
// way in that the server has.
#include "bots/signaling/client/signaling_client.h"
#include "bots/signaling/server/signaling_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using testing::HasSubstr;

std::shared_ptr<Dialect> ownDialect() {
  ScenarioProblems problems;
  auto dialect = std::make_shared<Dialect>(readDialect(*shippedDialect("turnout"), problems));
  EXPECT_EQ(problemsText("turnout", problems), "");
  return dialect;
}

struct Visitor {
  Visitor(Loop& loop, const std::string& url, std::shared_ptr<const Dialect> dialect,
          DialectSession::Identity identity)
      : client(SignalingClient::connect(loop, {.url = url}, std::move(dialect), std::move(identity),
                                        [this](SignalEvent event) {
                                          if (std::holds_alternative<SignalConnected>(event.body))
                                            client->registerUser("", "1", key);
                                          events.push_back(std::move(event));
                                        })) {}

  template <class T>
  std::vector<T> all() const {
    std::vector<T> found;
    for (const auto& event : events)
      if (const T* body = std::get_if<T>(&event.body))
        found.push_back(*body);
    return found;
  }

  std::string key;
  std::vector<SignalEvent> events;
  std::unique_ptr<SignalingClient> client;
};

class DialectOverSockets : public testing::TestWithParam<EngineStart> {
 protected:
  void SetUp() override { serve({}); }
  void serve(SignalingServerOptions options) {
    server_.reset();
    auto started = SignalingServer::start(loop_, std::move(options));
    ASSERT_TRUE(started) << started.error().what;
    server_ = *std::move(started);
  }
  std::unique_ptr<Visitor> visitor(const std::string& user, const std::string& token = "") {
    auto dialect = ownDialect();
    dialect->transport.start = GetParam();
    DialectSession::Identity identity{.user = user, .room = "r", .pool = "p"};
    if (!token.empty())
      identity.given["token"] = Secret(token);
    return std::make_unique<Visitor>(loop_, server_->url(), dialect, std::move(identity));
  }
  template <class T>
  bool waitFor(const Visitor& visitor, std::size_t count = 1) {
    return loop_.runUntil([&] { return visitor.all<T>().size() >= count; }, 5s);
  }

  Loop loop_;
  std::unique_ptr<SignalingServer> server_;
};

TEST_P(DialectOverSockets, TwoInARoomExchangeDescriptionsAndCandidates) {
  const auto ann = visitor("ann");
  ASSERT_TRUE(waitFor<SignalRegistered>(*ann));
  ann->client->joinRoom("r", "ann");
  ASSERT_TRUE(waitFor<SignalJoined>(*ann));
  const auto ben = visitor("ben");
  ASSERT_TRUE(waitFor<SignalRegistered>(*ben));
  ben->client->joinRoom("r", "ben");
  ASSERT_TRUE(waitFor<SignalJoined>(*ben));
  ASSERT_EQ(ben->all<SignalJoined>()[0].peers.size(), 1u);
  EXPECT_EQ(ben->all<SignalJoined>()[0].peers[0].user, "ann");
  ASSERT_TRUE(waitFor<SignalPeerJoined>(*ann));
  const std::string ann_id = ben->all<SignalJoined>()[0].peers[0].id;
  const std::string sdp = "v=0\r\n" + std::string(20'000, 'x');
  ben->client->sendDescription(ann_id, 2, "offer", sdp);
  ben->client->sendCandidate(ann_id, 2, 1, "candidate:1", "1");
  ben->client->sendCandidate(ann_id, 2, 0, "");
  ASSERT_TRUE(waitFor<SignalCandidate>(*ann, 2));
  const auto offer = ann->all<SignalDescription>().at(0);
  EXPECT_EQ(offer.sdp, sdp);
  EXPECT_EQ(offer.connection, 2);
  EXPECT_EQ(ann->all<SignalCandidate>()[0].mline, 1u);
  EXPECT_EQ(ann->all<SignalCandidate>()[1].candidate, "") << "the end of them";
  ben->client->leave();
  ASSERT_TRUE(waitFor<SignalLeft>(*ben));
  ASSERT_TRUE(waitFor<SignalPeerLeft>(*ann));
}

TEST_P(DialectOverSockets, ACallRingsAndIsAnswered) {
  const auto ann = visitor("ann"), ben = visitor("ben");
  ASSERT_TRUE(waitFor<SignalRegistered>(*ann));
  ASSERT_TRUE(waitFor<SignalRegistered>(*ben));
  ann->client->callUser("ben");
  ASSERT_TRUE(waitFor<SignalRinging>(*ann));
  ASSERT_TRUE(waitFor<SignalIncoming>(*ben));
  EXPECT_EQ(ben->all<SignalIncoming>()[0].from.user, "ann");
  ben->client->answerCall(ben->all<SignalIncoming>()[0].call);
  ASSERT_TRUE(waitFor<SignalAnswered>(*ben));
  ASSERT_TRUE(waitFor<SignalAnswered>(*ann));
  EXPECT_TRUE(ann->all<SignalAnswered>()[0].initiator);
  EXPECT_FALSE(ben->all<SignalAnswered>()[0].initiator);
  ann->client->hangUp(ann->all<SignalAnswered>()[0].call);
  ASSERT_TRUE(waitFor<SignalLeft>(*ann));
  ASSERT_TRUE(waitFor<SignalCallOver>(*ben));
  EXPECT_EQ(ben->all<SignalCallOver>()[0].reason, "hung_up");
}

TEST_P(DialectOverSockets, WhoLostTheSocketComesBackIntoTheRoom) {
  const auto ann = visitor("ann");
  auto ben = visitor("ben");
  for (auto* one : {ann.get(), ben.get()}) {
    ASSERT_TRUE(waitFor<SignalRegistered>(*one));
    one->client->joinRoom("r", "");
    ASSERT_TRUE(waitFor<SignalJoined>(*one));
  }
  const std::string key = ben->all<SignalRegistered>()[0].key;
  EXPECT_NE(key, "");
  ben = visitor("ben");
  ben->key = key;
  ASSERT_TRUE(waitFor<SignalRegistered>(*ben));
  EXPECT_TRUE(ben->all<SignalRegistered>()[0].resumed);
  ASSERT_TRUE(waitFor<SignalBack>(*ben));
  EXPECT_EQ(ben->all<SignalBack>()[0].place, SignalBack::Place::kRoom);
  ASSERT_EQ(ben->all<SignalBack>()[0].peers.size(), 1u);
  EXPECT_EQ(ben->all<SignalBack>()[0].peers[0].user, "ann");
  ASSERT_TRUE(waitFor<SignalPeerBack>(*ann));
}

TEST_P(DialectOverSockets, ARefusalIsToldByItsKindAndTheServersWord) {
  const auto first = visitor("ann");
  ASSERT_TRUE(waitFor<SignalRegistered>(*first));
  const auto second = visitor("ann");
  ASSERT_TRUE(waitFor<SignalRefused>(*second));
  const auto refused = second->all<SignalRefused>()[0];
  EXPECT_EQ(refused.request, SignalRequest::kRegister);
  EXPECT_EQ(refused.refusal, Refusal::kAlreadyActive);
  EXPECT_EQ(refused.inWords(), "already-active: session_active");
}

TEST_P(DialectOverSockets, ATokenOpensTheDoor) {
  serve({.token = Secret("sesame")});
  const auto ann = visitor("ann", "sesame");
  EXPECT_TRUE(waitFor<SignalRegistered>(*ann));
  const auto eve = visitor("eve", "guess");
  ASSERT_TRUE(waitFor<SignalRefused>(*eve));
  EXPECT_EQ(eve->all<SignalRefused>()[0].refusal, Refusal::kNotAllowed);
  EXPECT_THAT(eve->all<SignalRefused>()[0].said, HasSubstr("token"));
}

INSTANTIATE_TEST_SUITE_P(Starts, DialectOverSockets,
                         testing::Values(EngineStart::kWebSocket, EngineStart::kPolling,
                                         EngineStart::kPollingThenUpgrade),
                         [](const auto& one) {
                           return std::string(one.param == EngineStart::kWebSocket ? "websocket"
                                              : one.param == EngineStart::kPolling ? "polling"
                                                                                   : "upgrade");
                         });

TEST(DialectClientErrors, WhatAnswersInsteadIsTold) {
  Loop loop;
  auto started = SignalingServer::start(loop, {});
  ASSERT_TRUE(started);
  auto dialect = ownDialect();
  dialect->transport.path = "/elsewhere/";
  Visitor lost(loop, (*started)->url(), dialect, {.user = "ann"});
  ASSERT_TRUE(loop.runUntil([&] { return !lost.all<SignalDown>().empty(); }, 5s));
  EXPECT_THAT(lost.all<SignalDown>()[0].what, HasSubstr("HTTP 404"));

  Visitor nobody(loop, "http://127.0.0.1:1", ownDialect(), {.user = "ann"});
  ASSERT_TRUE(loop.runUntil([&] { return !nobody.all<SignalDown>().empty(); }, 5s));

  dialect = ownDialect();
  dialect->transport.path = "/${nothing}/";
  Visitor unready(loop, (*started)->url(), dialect, {.user = "ann"});
  ASSERT_TRUE(loop.runUntil([&] { return !unready.all<SignalDown>().empty(); }, 5s));
  EXPECT_THAT(unready.all<SignalDown>()[0].what, HasSubstr("needs a value that nothing has given"));
}

}  // namespace
}  // namespace turnout
