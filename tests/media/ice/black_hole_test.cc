// An outage made for one agent, without rights, and lifted again.
#include "tests/support/webrtc_pair.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using testing::Contains;
using testing::Field;

class BlackHole : public testing::Test {
 protected:
  // True when neither side receives anything for that long.
  bool isSilentFor(WebrtcPair& pair, Duration span) {
    // What was in the pipelines when the hole opened.
    pair.run([] { return false; }, 100ms);
    const auto left = pair.left().packetsReceived();
    const auto right = pair.right().packetsReceived();
    return !pair.run(
               [&] {
                 return pair.left().packetsReceived() > left ||
                        pair.right().packetsReceived() > right;
               },
               span) &&
           pair.left().packetsReceived() == left && pair.right().packetsReceived() == right;
  }

  Loop loop_;
  IceThreads threads_;
};

TEST_F(BlackHole, StopsMediaBothWaysUntilItIsLifted) {
  WebrtcPair pair(loop_, threads_, loopbackIce(), loopbackIce());
  ASSERT_TRUE(pair.connect());
  ASSERT_TRUE(pair.mediaFlows());
  pair.left().agent().setNetwork(NetworkCondition::blackHole());
  EXPECT_TRUE(isSilentFor(pair, 600ms));
  pair.left().agent().setNetwork({});
  EXPECT_TRUE(pair.mediaFlows());
}

TEST_F(BlackHole, StopsIceToo) {
  WebrtcPair pair(loop_, threads_, loopbackIce(), loopbackIce());
  pair.left().agent().setNetwork(NetworkCondition::blackHole());
  EXPECT_FALSE(pair.connect(1s));
  EXPECT_FALSE(pair.right().pair());
  pair.left().agent().setNetwork({});
  EXPECT_TRUE(
      pair.run([&] { return pair.left().isConnected() && pair.right().isConnected(); }, 10s));
}

TEST_F(BlackHole, IsNoticedByConsentFreshnessOnly) {
  IceConfig checked = loopbackIce();
  checked.profile.consent_freshness = true;
  WebrtcPair with_consent(loop_, threads_, checked, loopbackIce());
  WebrtcPair without(loop_, threads_, loopbackIce(), loopbackIce());
  ASSERT_TRUE(with_consent.connect());
  ASSERT_TRUE(without.connect());
  with_consent.left().agent().setNetwork(NetworkCondition::blackHole());
  without.left().agent().setNetwork(NetworkCondition::blackHole());
  const auto failed = Contains(Field(&IceStateChanged::state, IceConnectionState::kFailed));
  const auto notices = [&](const WebrtcPeer& peer) {
    return testing::Value(peer.events<IceStateChanged>(), failed);
  };
  EXPECT_TRUE(with_consent.run([&] { return notices(with_consent.left()); }, 15s));
  EXPECT_FALSE(notices(without.left()));
}

}  // namespace
}  // namespace turnout
