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
  EXPECT_GE(pair.offerer->totals().of(MediaKind::kAudio).sent.packets, 0u);
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

// Resources of this process at rest. The first peers start threads and open files that stay for the
// next ones, so a pair comes and goes before anything is counted.
struct Rest {
  Rest() {
    {
      PeerPair pair;
      EXPECT_TRUE(pair.connect() && pair.waitForMedia()) << pair.story();
    }
    EXPECT_TRUE(waitFor([] { return IceAgent::liveCount() == 0; }, 10s));
    threads = entriesOf("/proc/self/task");
    files = entriesOf("/proc/self/fd");
  }
  bool isBack() const {
    return IceAgent::liveCount() == 0 && entriesOf("/proc/self/task") <= threads &&
           entriesOf("/proc/self/fd") <= files;
  }
  std::string now() const {
    return std::to_string(entriesOf("/proc/self/task")) + " threads of " + std::to_string(threads) +
           ", " + std::to_string(entriesOf("/proc/self/fd")) + " files of " +
           std::to_string(files) + ", " + std::to_string(IceAgent::liveCount()) + " agents";
  }
  std::size_t threads, files;
};

TEST(Close, APeerThatNeverBeganIsGoneWithoutTrace) {
  const Rest rest;
  for (int i = 0; i < 5; i++)
    TestPeer peer(testFactory(), loopbackConfig("idle"));
  EXPECT_TRUE(waitFor([&rest] { return rest.isBack(); }, 5s)) << rest.now();
}

// Pairs that end at some moment of their first 40 ms, one end before the other.
void cutShort(std::mt19937& random, int pairs) {
  for (int i = 0; i < pairs; i++) {
    PeerPair pair;
    pair.offerer->createOffer();
    waitFor([] { return false; }, std::chrono::microseconds(random() % 40'000));
    TestPeer& first = random() % 2 == 0 ? pair.offerer : pair.answerer;
    first->close(random() % 2 == 0 ? Leave::kClean : Leave::kAbrupt);
  }
}

TEST(Close, AtAnyMomentOfAConnectionLeavesNothingBehind) {
  std::mt19937 random(7);
  cutShort(random, 10);  // what each way of ending opens once for the whole process
  const Rest rest;
  cutShort(random, 60);
  EXPECT_TRUE(waitFor([&rest] { return rest.isBack(); }, 10s)) << rest.now();
}

TEST(Close, APeerTakesNoMoreThanFourThreadsAndSixFiles) {
  const Rest rest;
  std::vector<std::unique_ptr<PeerPair>> pairs;
  for (int i = 0; i < 5; i++) {
    pairs.push_back(std::make_unique<PeerPair>());
    ASSERT_TRUE(pairs.back()->connect());
    ASSERT_TRUE(pairs.back()->waitForMedia());
  }
  // The receive queues' threads end after the first packets.
  EXPECT_TRUE(
      waitFor([&rest] { return entriesOf("/proc/self/task") <= rest.threads + 10 * 4; }, 5s))
      << rest.now();
  EXPECT_LE(entriesOf("/proc/self/fd"), rest.files + 10 * 6) << rest.now();
}

}  // namespace
}  // namespace turnout
