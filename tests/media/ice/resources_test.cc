// What agents cost, and that nothing of them stays behind whenever they are torn down.
#include "tests/support/webrtc_pair.h"

#include <algorithm>
#include <filesystem>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

struct Resources {
  long threads;
  long fds;
  static Resources now() {
    const auto count = [](const char* path) {
      const std::filesystem::directory_iterator entries(path);
      return static_cast<long>(std::distance(begin(entries), end(entries)));
    };
    return {count("/proc/self/task"), count("/proc/self/fd")};
  }
};

class IceResources : public testing::Test {
 protected:
  void SetUp() override {
    // GLib's and GStreamer's own pools and plug-ins come with the first pair.
    WebrtcPair pair(loop_, threads_, loopbackIce(), loopbackIce());
    ASSERT_TRUE(pair.connect());
    ASSERT_TRUE(pair.mediaFlows());
  }
  Loop loop_;
  IceThreads threads_;
};

// The threads of a peer that only receives are webrtcbin's: its task, the DTLS sender, RTCP. The
// test's peers add a source and a jitter buffer with its timer.
constexpr long kTestThreads = 3;

TEST_F(IceResources, OfAPeerAreThreeThreadsAndFiveDescriptors) {
  ASSERT_TRUE(allAgentsAreGone(loop_));
  constexpr int kPairs = 5;
  const Resources before = Resources::now();
  std::vector<std::unique_ptr<WebrtcPair>> pairs;
  for (int i = 0; i < kPairs; ++i) {
    pairs.push_back(std::make_unique<WebrtcPair>(loop_, threads_, loopbackIce(), loopbackIce()));
    ASSERT_TRUE(pairs.back()->connect());
    ASSERT_TRUE(pairs.back()->mediaFlows());
  }
  const Resources with = Resources::now();
  const double peers = 2.0 * kPairs;
  RecordProperty("threads_per_peer",
                 std::to_string(static_cast<double>(with.threads - before.threads) / peers));
  RecordProperty("fds_per_peer",
                 std::to_string(static_cast<double>(with.fds - before.fds) / peers));
  EXPECT_LE(static_cast<double>(with.threads - before.threads) / peers, 3 + kTestThreads);
  EXPECT_LE(static_cast<double>(with.fds - before.fds) / peers, 6);
}

TEST_F(IceResources, ComeBackAfterTeardownAtAnyMoment) {
  ASSERT_TRUE(allAgentsAreGone(loop_));
  const Resources before = Resources::now();
  std::mt19937 random(7);
  const auto upTo = [&](unsigned limit) { return random() % limit; };
  for (int round = 0; round < 100; ++round) {
    IceConfig config = loopbackIce();
    config.profile.nomination = upTo(2) ? Nomination::kRegular : Nomination::kAggressive;
    config.profile.pacing = milliseconds(1 + upTo(20));
    WebrtcPair pair(loop_, threads_, config, config);
    pair.left().offer();
    pair.run([] { return false; }, milliseconds(upTo(120)));
    for (WebrtcPeer* peer : {&pair.left(), &pair.right()}) {
      peer->setLeave(upTo(2) ? Leave::kClean : Leave::kAbrupt);
      if (upTo(4) == 0)
        peer->agent().setNetwork(NetworkCondition::blackHole());
      if (upTo(4) == 0)
        peer->agent().restart();
      if (upTo(4) == 0 && peer->isConnected()) {
        peer->offer();
        pair.run([] { return false; }, milliseconds(upTo(60)));
      }
    }
  }
  EXPECT_TRUE(allAgentsAreGone(loop_));
  const Resources after = Resources::now();
  EXPECT_LE(after.threads, before.threads + 2);  // idle threads of GLib's pools
  EXPECT_LE(after.fds, before.fds);
}

}  // namespace
}  // namespace turnout
