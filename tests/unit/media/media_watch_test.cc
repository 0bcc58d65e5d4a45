#include "pipelines/media/media_watch.h"

#include <gtest/gtest.h>

namespace turnout {
namespace {

constexpr Instant kStart = fromNs(1'000'000'000);

TEST(MediaWatch, BeginsWithTheFirstPacket) {
  MediaWatch watch(5s);
  EXPECT_FALSE(watch.check(kStart + 60s).silent_since);
  EXPECT_FALSE(watch.packet(kStart + 61s));
  EXPECT_FALSE(watch.check(kStart + 65s).silent_since);
}

TEST(MediaWatch, AsksToBeAskedWhenTheSilenceCouldBeLongEnough) {
  MediaWatch watch(5s);
  watch.packet(kStart);
  EXPECT_EQ(watch.check(kStart + 1s).next, kStart + 5s);
  watch.packet(kStart + 3s);
  EXPECT_EQ(watch.check(kStart + 5s).next, kStart + 8s);
}

TEST(MediaWatch, TellsASilenceOnceWithItsExactBeginning) {
  MediaWatch watch(5s);
  watch.packet(kStart);
  EXPECT_FALSE(watch.check(kStart + 5s - 1ns).silent_since);
  EXPECT_EQ(watch.check(kStart + 5s + 20ms).silent_since, kStart);
  EXPECT_FALSE(watch.check(kStart + 10s).silent_since);
}

TEST(MediaWatch, TellsTheGapWithThePacketThatEndsIt) {
  MediaWatch watch(5s);
  watch.packet(kStart);
  watch.check(kStart + 6s);
  EXPECT_EQ(watch.packet(kStart + 7s), 7s);
  EXPECT_FALSE(watch.packet(kStart + 8s));
  EXPECT_EQ(watch.check(kStart + 13s).silent_since, kStart + 8s);
}

TEST(MediaWatch, LetsAShortGapPass) {
  MediaWatch watch(5s);
  watch.packet(kStart);
  EXPECT_FALSE(watch.packet(kStart + 4s));
  EXPECT_FALSE(watch.packet(kStart + 12s)) << "nobody asked in between";
}

}  // namespace
}  // namespace turnout
