#include "pipelines/base/line_channel.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

namespace turnout {
namespace {

using testing::ElementsAre;

struct LineChannels : testing::Test {
  Loop loop;
  Fd far;  // the other end, used raw
  std::vector<std::string> lines;
  bool closed = false;
  std::optional<LineChannel> near;

  void SetUp() override {
    auto ends = LineChannel::socketPair();
    ASSERT_TRUE(ends) << ends.error().what;
    far = std::move(ends->second);
    near.emplace(
        loop, std::move(ends->first), [this](std::string_view line) { lines.emplace_back(line); },
        [this] { closed = true; });
  }
  void farSays(std::string_view text) {
    ASSERT_EQ(::send(far.get(), text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
  }
};

TEST_F(LineChannels, ALineIsDeliveredOnceItsEndArrives) {
  farSays("{\"a\":");
  loop.runOnce(false);
  EXPECT_TRUE(lines.empty());
  farSays("1}\n\nnext");
  EXPECT_TRUE(loop.runUntil([&] { return lines.size() == 2; }, 5s));
  EXPECT_THAT(lines, ElementsAre("{\"a\":1}", ""));
}

TEST_F(LineChannels, EndOfFileClosesOnceAndDropsTheUnfinishedLine) {
  farSays("whole\nhalf");
  far.reset();
  EXPECT_TRUE(loop.runUntil([&] { return closed; }, 5s));
  EXPECT_THAT(lines, ElementsAre("whole"));
  EXPECT_FALSE(near->isOpen());
  EXPECT_FALSE(near->send("lost"));
}

TEST_F(LineChannels, AFarEndThatReadsLateGetsEveryLineInOrder) {
  constexpr int kLines = 20'000;  // far more than a socket buffer holds
  for (int i = 0; i < kLines; ++i)
    ASSERT_TRUE(near->send("line number " + std::to_string(i)));
  std::vector<std::string> received;
  LineChannel reader(
      loop, std::move(far), [&](std::string_view line) { received.emplace_back(line); }, [] {});
  EXPECT_TRUE(loop.runUntil([&] { return received.size() == kLines; }, 10s));
  for (int i = 0; i < kLines; ++i)
    ASSERT_EQ(received[static_cast<std::size_t>(i)], "line number " + std::to_string(i));
}

TEST_F(LineChannels, AFarEndThatNeverReadsIsClosedAtTheBound) {
  const std::string line(1 << 20, 'x');
  int accepted = 0;
  while (accepted < 100 && near->send(line))
    ++accepted;
  EXPECT_LT(accepted, 20);
  EXPECT_TRUE(loop.runUntil([&] { return closed; }, 5s));
}

TEST_F(LineChannels, ALineWithoutEndIsClosedAtTheBound) {
  const std::string chunk(64 << 10, 'x');
  for (int i = 0; i < 200 && !closed; ++i) {  // LineChannel::kMaxLine is 4 MiB
    ::send(far.get(), chunk.data(), chunk.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    loop.runOnce(false);
  }
  EXPECT_TRUE(closed);
  EXPECT_TRUE(lines.empty());
}

TEST_F(LineChannels, DrainDeliversWhatADeadProcessLeft) {
  farSays("last\nwords\n");
  far.reset();
  near->drain();
  EXPECT_THAT(lines, ElementsAre("last", "words"));
  EXPECT_TRUE(closed);
}

TEST_F(LineChannels, FlushGivesUpInTimeAndLosesNothing) {
  const std::string line(LineChannel::kMaxLine - 1, 'y');
  for (int i = 0; i < 2; ++i)
    ASSERT_TRUE(near->send(line));
  near->flush(20ms);
  EXPECT_TRUE(near->isOpen());
  int received = 0;
  LineChannel reader(
      loop, std::move(far), [&](std::string_view) { ++received; }, [] {});
  EXPECT_TRUE(loop.runUntil([&] { return received == 2; }, 5s));
}

}  // namespace
}  // namespace turnout
