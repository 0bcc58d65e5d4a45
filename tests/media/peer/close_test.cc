// How peers end, and what is left of them.
#include "tests/media/peer/peer_pair.h"

#include <filesystem>
#include <random>

#include <gtest/gtest.h>

namespace turnout {
namespace {

std::size_t entriesOf(const char* folder) {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder))
    count++;
  return count;
}
std::size_t threads() {
  return entriesOf("/proc/self/task");
}
std::size_t files() {
  return entriesOf("/proc/self/fd");
}

TEST(Close, NothingIsToldAfterwards) {
  PeerPair pair;
  ASSERT_TRUE(pair.connect()) << pair.story();
  pair.offerer->close(Leave::kClean);
  const std::size_t told = pair.offerer.events.size();
  PeerPair other;  // something else for the loop to do meanwhile
  ASSERT_TRUE(other.connect());
  EXPECT_EQ(pair.offerer.events.size(), told);
}

TEST(Close, EveryMethodOfAClosedPeerIsHarmless) {
  PeerPair pair;
  ASSERT_TRUE(pair.connect()) << pair.story();
  const std::string offer = pair.offerer.all<LocalDescription>()[0].sdp;
  pair.offerer->close(Leave::kAbrupt);
  pair.offerer->close(Leave::kClean);
  pair.offerer->createOffer();
  EXPECT_TRUE(pair.offerer->setRemoteDescription(SdpType::kOffer, offer));
  pair.offerer->addRemoteCandidate(0, "candidate:1 1 UDP 1 127.0.0.1 9 typ host");
  pair.offerer->endOfRemoteCandidates();
  pair.offerer->requestKeyFrame();
  EXPECT_GE(pair.offerer->totals().sent_audio.packets, 0u);
}

TEST(Close, APeerMayCloseItselfInItsOwnEvent) {
  PeerPair pair;
  const auto deliver = pair.offerer.deliver;
  pair.offerer.deliver = [&](const PeerEvent& event) {
    deliver(event);
    if (const auto* changed = std::get_if<ConnectionStateChanged>(&event.body);
        changed && changed->state == "connecting")
      pair.offerer->close(Leave::kAbrupt);
  };
  pair.offerer->createOffer();
  ASSERT_TRUE(waitFor(
      [&pair] {
        return pair.offerer.first<ConnectionStateChanged>(
                   [](const auto& changed) { return changed.state == "connecting"; }) != nullptr;
      },
      5s));
}

TEST(Close, APeerThatNeverBeganIsGoneWithoutTrace) {
  testFactory();
  const std::size_t threads_before = threads(), files_before = files();
  for (int i = 0; i < 5; i++)
    TestPeer peer(testFactory(), loopbackConfig("idle"));
  EXPECT_TRUE(waitFor([&] { return threads() <= threads_before && files() <= files_before; }, 5s));
}

TEST(Close, AtAnyMomentOfAConnectionLeavesNothingBehind) {
  testFactory();
  std::mt19937 random(7);
  ASSERT_TRUE(waitFor([] { return IceAgent::liveCount() == 0; }, 5s));
  const std::size_t threads_before = threads(), files_before = files();
  for (int i = 0; i < 60; i++) {
    PeerPair pair;
    pair.offerer->createOffer();
    const auto pause = std::chrono::microseconds(random() % 40'000);
    waitFor([] { return false; }, pause);
    TestPeer& first = random() % 2 == 0 ? pair.offerer : pair.answerer;
    first->close(random() % 2 == 0 ? Leave::kClean : Leave::kAbrupt);
  }
  EXPECT_TRUE(waitFor(
      [&] {
        return IceAgent::liveCount() == 0 && threads() <= threads_before && files() <= files_before;
      },
      10s))
      << threads() << " threads of " << threads_before << ", " << files() << " files of "
      << files_before << ", " << IceAgent::liveCount() << " agents";
}

TEST(Close, APeerTakesNoMoreThanFourThreadsAndSixFiles) {
  testFactory();
  ASSERT_TRUE(waitFor([] { return IceAgent::liveCount() == 0; }, 5s));
  const std::size_t threads_before = threads(), files_before = files();
  std::vector<std::unique_ptr<PeerPair>> pairs;
  for (int i = 0; i < 5; i++) {
    pairs.push_back(std::make_unique<PeerPair>());
    ASSERT_TRUE(pairs.back()->connect());
    ASSERT_TRUE(pairs.back()->waitForMedia());
  }
  // Receive queues stop after the first packets; webrtcbin drops their threads a little later.
  EXPECT_TRUE(waitFor([&] { return threads() <= threads_before + 40; }, 5s))
      << threads() - threads_before << " threads of 10 peers";
  EXPECT_LE(files(), files_before + 60);
}

}  // namespace
}  // namespace turnout
