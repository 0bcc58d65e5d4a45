#include "pipelines/base/loop.h"

#include <algorithm>
#include <optional>

#include <gtest/gtest.h>

namespace turnout {
namespace {

// Keeps the thread for that long, as a task that takes its time does.
void block(Duration length) {
  for (const Instant end = now() + length; now() < end;) {
  }
}

TEST(LoopWatch, ATaskThatTakesLongIsAStallWithItsStartAndLength) {
  Loop loop;
  std::vector<Stall> stalls;
  const LoopWatch watch(loop, "loop", [&](const Stall& stall) { stalls.push_back(stall); });
  std::optional<Instant> began, ended;
  const Timer task = loop.after(60ms, [&] {
    began = now();
    block(200ms);
    ended = now();
  });
  // One that ends after the task ended is of the task: a busy machine may add others before it.
  const auto found = [&] {
    return std::ranges::find_if(
        stalls, [&](const Stall& stall) { return ended && stall.began + stall.length >= *ended; });
  };
  ASSERT_TRUE(loop.runUntil([&] { return found() != stalls.end(); }, 10s));
  EXPECT_EQ(found()->thread, "loop");
  EXPECT_GE(found()->length, 180ms) << "the probe was due at most 20 ms after the task began";
  EXPECT_LE(found()->began, *began + 20ms);
}

TEST(LoopWatch, ALateProbeStandsForThoseThatCouldNotBeMade) {
  Loop loop;
  LoopWatch watch(loop, "loop", [](const Stall&) {});
  bool done = false;
  const Timer task = loop.after(0ms, [&] { block(400ms); });
  const Timer end = loop.after(500ms, [&] { done = true; });
  ASSERT_TRUE(loop.runUntil([&] { return done; }, 10s));
  const std::vector<Duration> late = watch.takeLateness();
  EXPECT_GE(std::ranges::count_if(late, [](Duration each) { return each >= 100ms; }), 14);
  EXPECT_TRUE(watch.takeLateness().empty());
}

TEST(LoopWatch, AThreadKeepsItsStallsUntilTheyAreTaken) {
  LoopThread thread("busy");
  thread.watchStalls();
  thread.loop().post([] { block(300ms); });
  std::vector<Stall> stalls;
  Loop here;
  const Timer look = here.every(20ms, [&] {
    for (Stall& stall : thread.takeStalls())
      stalls.push_back(std::move(stall));
  });
  ASSERT_TRUE(here.runUntil([&] { return !stalls.empty(); }, 10s));
  EXPECT_EQ(stalls[0].thread, "busy");
}

}  // namespace
}  // namespace turnout
