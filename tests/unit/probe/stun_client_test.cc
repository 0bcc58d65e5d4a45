// How one request is asked: again when it may be lost, signed when the server wants that, given up
// in time.
#include "pipelines/probe/stun_client.h"

#include "tests/unit/probe/fake_server.h"

#include <gtest/gtest.h>

namespace turnout {
namespace {

class StunClientTest : public testing::Test {
 protected:
  enum class Kind { kDatagrams, kStream };

  void connect(Kind kind, const std::string& user = kUser) {
    auto transport = std::make_unique<FakeTransport>(kind == Kind::kStream);
    transport_ = transport.get();
    IceServer server;
    server.username = user;
    server.credential = Secret(kPassword);
    client_ = std::make_unique<StunClient>(loop_, std::move(transport), server);
  }
  void ask(TurnMethod method, Duration limit = 5s) {
    client_->ask({.method = method}, limit,
                 [this](const StunOutcome& outcome) { outcomes_.push_back(outcome); });
  }
  const Bytes& last() const { return transport_->sent.back(); }
  bool sends(std::size_t count) {
    return loop_.runUntil([&] { return transport_->sent.size() >= count; }, 3s);
  }

  Loop loop_;
  FakeServer server_;
  FakeTransport* transport_ = nullptr;
  std::unique_ptr<StunClient> client_;
  std::vector<StunOutcome> outcomes_;
};

TEST_F(StunClientTest, SendsAgainOverDatagramsTheSameBytesAtGrowingPauses) {
  connect(Kind::kDatagrams);
  const Instant began = now();
  ask(TurnMethod::kBinding);
  ASSERT_TRUE(sends(2));
  EXPECT_GE(now() - began, StunClient::kFirstPause);
  EXPECT_EQ(transport_->sent[0], transport_->sent[1]);
  transport_->receive(server_.accept(last()));
  ASSERT_EQ(outcomes_.size(), 1u);
  EXPECT_TRUE(outcomes_[0].succeeded());
  EXPECT_GE(outcomes_[0].took, StunClient::kFirstPause);
}

TEST_F(StunClientTest, SendsOnceOverAStreamAndGivesUpInTime) {
  connect(Kind::kStream);
  ask(TurnMethod::kBinding, 300ms);
  ASSERT_TRUE(loop_.runUntil([&] { return !outcomes_.empty(); }, 2s));
  EXPECT_EQ(transport_->sent.size(), 1u);
  EXPECT_EQ(outcomes_[0].code, 701);
  EXPECT_EQ(outcomes_[0].fault, ServerFault::kTimeout);
  EXPECT_FALSE(outcomes_[0].answer);
}

TEST_F(StunClientTest, AnswersAChallengeOnce) {
  connect(Kind::kStream);
  ask(TurnMethod::kAllocate);
  EXPECT_FALSE(server_.read(last()).is_signed);
  transport_->receive(server_.refuse(last(), 401, "example.org", "n1"));
  ASSERT_EQ(transport_->sent.size(), 2u);
  EXPECT_TRUE(server_.read(last()).is_signed);
  EXPECT_TRUE(outcomes_.empty());
  transport_->receive(server_.refuse(last(), 401, "example.org", "n2"));
  EXPECT_EQ(transport_->sent.size(), 2u);
  ASSERT_EQ(outcomes_.size(), 1u);
  EXPECT_EQ(outcomes_[0].code, 401);
  EXPECT_GT(outcomes_[0].first_answer, Duration::zero());
}

TEST_F(StunClientTest, WithoutAUserAChallengeIsTheAnswer) {
  connect(Kind::kStream, "");
  ask(TurnMethod::kAllocate);
  transport_->receive(server_.refuse(last(), 401, "example.org", "n1"));
  ASSERT_EQ(outcomes_.size(), 1u);
  EXPECT_EQ(outcomes_[0].code, 401);
}

TEST_F(StunClientTest, TakesANewNonceForAStaleOneButNotForEver) {
  connect(Kind::kStream);
  ask(TurnMethod::kAllocate);
  transport_->receive(server_.refuse(last(), 401, "example.org", "n1"));
  transport_->receive(server_.refuse(last(), 438, "example.org", "n2"));
  EXPECT_EQ(server_.read(last()).nonce, "n2");
  transport_->receive(server_.refuse(last(), 438, "example.org", "n3"));
  EXPECT_EQ(server_.read(last()).nonce, "n3");
  EXPECT_TRUE(outcomes_.empty());
  transport_->receive(server_.refuse(last(), 438, "example.org", "n4"));
  ASSERT_EQ(outcomes_.size(), 1u);
  EXPECT_EQ(outcomes_[0].code, 438);
  EXPECT_EQ(transport_->sent.size(), 4u);
}

TEST_F(StunClientTest, ThatLosesItsTransportTellsWhyFromTheLoop) {
  connect(Kind::kDatagrams);
  ask(TurnMethod::kBinding);
  transport_->end(ServerFault::kRefused);
  EXPECT_TRUE(outcomes_.empty()) << "not out of the transport's own call";
  ASSERT_TRUE(loop_.runUntil([&] { return outcomes_.size() == 1; }, 1s));
  EXPECT_EQ(outcomes_[0].fault, ServerFault::kRefused);
  ask(TurnMethod::kBinding);
  ASSERT_TRUE(loop_.runUntil([&] { return outcomes_.size() == 2; }, 1s)) << "nor later";
  EXPECT_EQ(outcomes_[1].fault, ServerFault::kRefused);
}

TEST_F(StunClientTest, OfAChallengeThatNobodyCanAnswerSaysSo) {
  connect(Kind::kStream);
  ask(TurnMethod::kAllocate);
  transport_->receive(server_.refuse(last(), 401, "example.org", ""));
  ASSERT_EQ(outcomes_.size(), 1u);
  EXPECT_EQ(outcomes_[0].code, 401);
  EXPECT_EQ(outcomes_[0].fault, ServerFault::kNoChallenge);
}

TEST_F(StunClientTest, ThatOnlyGetsUnsignedAnswersToASignedRequestSaysSo) {
  connect(Kind::kStream);
  ask(TurnMethod::kAllocate, 300ms);
  const Bytes unsigned_request = last();
  transport_->receive(server_.refuse(last(), 401, "example.org", "n1"));
  Bytes unsigned_answer = server_.accept(unsigned_request);
  std::copy(last().begin() + 4, last().begin() + 20, unsigned_answer.begin() + 4);  // its id
  transport_->receive(unsigned_answer);
  EXPECT_TRUE(outcomes_.empty()) << "a good one may follow";
  ASSERT_TRUE(loop_.runUntil([&] { return outcomes_.size() == 1; }, 2s));
  EXPECT_EQ(outcomes_[0].code, 701);
  EXPECT_EQ(outcomes_[0].fault, ServerFault::kUnsigned);
}

TEST_F(StunClientTest, KeepsConversationsApart) {
  connect(Kind::kStream);
  std::vector<TurnMethod> answered;
  for (const auto method : {TurnMethod::kBinding, TurnMethod::kAllocate})
    client_->ask({.method = method}, 5s, [&, method](const auto&) { answered.push_back(method); });
  transport_->receive(server_.accept(transport_->sent[1]));
  transport_->receive(server_.accept(transport_->sent[0]));
  EXPECT_EQ(answered, (std::vector{TurnMethod::kAllocate, TurnMethod::kBinding}));
}

TEST_F(StunClientTest, HandsOverDataOfPeers) {
  connect(Kind::kStream);
  std::string got;
  client_->onData([&](const sockaddr_storage&, const Bytes& data) {
    got.assign(data.begin(), data.end());
    client_->onData({});
  });
  transport_->receive(server_.dataFrom(address("192.0.2.5", 50001), "one"));
  transport_->receive(server_.dataFrom(address("192.0.2.5", 50001), "two"));
  EXPECT_EQ(got, "one");
}

}  // namespace
}  // namespace turnout
