// ICE restart: fresh sockets and credentials under a running connection.
#include "tests/support/webrtc_pair.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

bool isUp(const WebrtcPeer& peer, unsigned generation) {
  for (const IceEvent& event : peer.allEvents())
    if (const auto* state = std::get_if<IceStateChanged>(&event.body))
      if (event.generation == generation && (state->state == IceConnectionState::kConnected ||
                                             state->state == IceConnectionState::kCompleted))
        return true;
  return false;
}

class Restart : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(pair_.connect());
    ASSERT_TRUE(pair_.mediaFlows());
  }
  bool comesUp(unsigned generation) {
    return pair_.run(
        [&] { return isUp(pair_.left(), generation) && isUp(pair_.right(), generation); }, 5s);
  }

  Loop loop_;
  IceThreads threads_;
  WebrtcPair pair_{loop_, threads_, loopbackIce(), loopbackIce()};
};

TEST_F(Restart, ByTheOffererGivesBothSidesFreshSocketsAndCredentials) {
  const std::string left = pair_.left().localUfrag();
  const std::string right = pair_.right().localUfrag();
  const std::string address = pair_.left().pair()->local.address;
  pair_.left().agent().restart();
  pair_.left().offer();
  ASSERT_TRUE(comesUp(1));
  EXPECT_NE(pair_.left().localUfrag(), left);
  EXPECT_NE(pair_.right().localUfrag(), right);
  EXPECT_NE(pair_.left().pair()->local.address, address);
  EXPECT_TRUE(pair_.mediaFlows());
}

TEST_F(Restart, ByEachSideInTurnKeepsMediaFlowing) {
  pair_.left().agent().restart();
  pair_.left().offer();
  ASSERT_TRUE(comesUp(1));
  EXPECT_TRUE(pair_.mediaFlows());
  pair_.right().agent().restart();
  pair_.right().offer();
  ASSERT_TRUE(comesUp(2));
  EXPECT_TRUE(pair_.mediaFlows(40));  // 800 ms: the older generations are gone by then
}

TEST_F(Restart, LosesNoMedia) {
  const auto before = pair_.right().packetsReceived();
  const Instant start = now();
  pair_.left().agent().restart();
  pair_.left().offer();
  ASSERT_TRUE(comesUp(1));
  ASSERT_TRUE(pair_.mediaFlows(40));
  const auto expected = static_cast<std::uint64_t>(toMs(now() - start) / 20);  // 20 ms packets
  EXPECT_GE(pair_.right().packetsReceived() - before + 10, expected);
}

TEST_F(Restart, IsNotMadeByAPlainNewOffer) {
  const std::string ufrag = pair_.left().localUfrag();
  pair_.left().offer();
  ASSERT_TRUE(pair_.mediaFlows(25));
  EXPECT_EQ(pair_.left().localUfrag(), ufrag);
  EXPECT_FALSE(isUp(pair_.left(), 1));
}

TEST_F(Restart, IsKeptByLaterOffers) {
  pair_.left().agent().restart();
  pair_.left().offer();
  ASSERT_TRUE(comesUp(1));
  const std::string ufrag = pair_.left().localUfrag();
  pair_.left().offer();  // webrtcbin would fall back to its first credentials
  ASSERT_TRUE(pair_.mediaFlows(25));
  EXPECT_EQ(pair_.left().localUfrag(), ufrag);
}

TEST_F(Restart, MovesToAnotherLocalAddressWhenTheOldPathIsDead) {
  pair_.left().agent().moveTo({"127.0.0.2"});
  pair_.left().agent().restart();
  pair_.left().offer();
  ASSERT_TRUE(comesUp(1));
  EXPECT_TRUE(pair_.left().pair()->local.address.starts_with("127.0.0.2:"));
  EXPECT_TRUE(pair_.mediaFlows());
}

}  // namespace
}  // namespace turnout
