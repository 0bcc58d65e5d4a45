#include "pipelines/media/rtp_meter.h"

#include <vector>

#include <gtest/gtest.h>

namespace turnout {
namespace {

std::uint64_t lostAfter(const std::vector<int>& sequence) {
  SequenceTracker tracker;
  for (const int each : sequence)
    tracker.add(static_cast<std::uint16_t>(each));
  return tracker.lost();
}

TEST(SequenceTracker, CountsWhatWasExpectedAndDidNotCome) {
  EXPECT_EQ(lostAfter({}), 0u);
  EXPECT_EQ(lostAfter({5}), 0u);
  EXPECT_EQ(lostAfter({5, 6, 7}), 0u);
  EXPECT_EQ(lostAfter({5, 8}), 2u);
}

TEST(SequenceTracker, ALatePacketIsNotLost) {
  EXPECT_EQ(lostAfter({5, 7, 6, 8}), 0u);
  EXPECT_EQ(lostAfter({5, 4}), 0u) << "older than the first one";
}

TEST(SequenceTracker, RunsOverTheEndOf16Bits) {
  EXPECT_EQ(lostAfter({65'534, 65'535, 0, 1}), 0u);
  EXPECT_EQ(lostAfter({65'534, 1}), 2u);
  EXPECT_EQ(lostAfter({65'534, 1, 65'535, 0}), 0u);
}

TEST(SequenceTracker, CountsOverManyCycles) {
  SequenceTracker tracker;
  for (int i = 0; i < 200'000; i++)
    if (i % 1000 != 7)
      tracker.add(static_cast<std::uint16_t>(i));
  EXPECT_EQ(tracker.lost(), 200u);
}

TEST(RtpMeter, OnlyTheFirstPacketIsTheFirst) {
  RtpMeter meter;
  EXPECT_TRUE(meter.add(100, 0));
  EXPECT_FALSE(meter.add(50, 2));
  EXPECT_FALSE(meter.add(50, -1));
  EXPECT_EQ(meter.totals().packets, 3u);
  EXPECT_EQ(meter.totals().bytes, 200u);
  EXPECT_EQ(meter.totals().lost, 1u);
}

TEST(SilenceMeter, TheLongestGapIncludesTheOneThatLastsStill) {
  SilenceMeter meter;
  EXPECT_EQ(meter.longest(fromNs(5'000)), Duration::zero()) << "nothing came yet";
  meter.add(fromNs(10'000));
  meter.add(fromNs(11'000));
  meter.add(fromNs(14'000));
  EXPECT_EQ(meter.longest(fromNs(14'500)), Duration(3'000));
  EXPECT_EQ(meter.longest(fromNs(20'000)), Duration(6'000));
}

}  // namespace
}  // namespace turnout
