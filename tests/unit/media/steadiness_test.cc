#include "pipelines/media/steadiness.h"

#include <gtest/gtest.h>

namespace turnout {
namespace {

const Instant kFirstPacket = fromNs(1'000'000'000);

TEST(Jitter, IsZeroWhenPacketsComeAsTheyWereSent) {
  Jitter jitter;
  for (unsigned i = 0; i < 100; i++)
    jitter.add(kFirstPacket + i * 20ms, i * 960, 48'000);
  EXPECT_NEAR(jitter.ms(), 0, 1e-9);
}

TEST(Jitter, FollowsTheDifferencesOfTransitTimes) {
  Jitter jitter;
  for (unsigned i = 0; i < 400; i++)  // every other packet is 8 ms late
    jitter.add(kFirstPacket + i * 20ms + (i % 2) * 8ms, i * 960, 48'000);
  EXPECT_NEAR(jitter.ms(), 8, 0.01);
}

TEST(Jitter, TimestampsMayRunOver) {
  Jitter jitter;
  for (unsigned i = 0; i < 10; i++)
    jitter.add(kFirstPacket + i * 20ms, 0xffff'fff0u + i * 960, 48'000);
  EXPECT_NEAR(jitter.ms(), 0, 1e-9);
}

struct Fed : Steadiness {
  explicit Fed(std::initializer_list<std::size_t> bytes_of_seconds);
};
Fed::Fed(std::initializer_list<std::size_t> bytes_of_seconds) {
  Instant at = kFirstPacket;
  for (const std::size_t bytes : bytes_of_seconds) {
    if (bytes > 0)
      add(at, bytes, 1.5);
    at += 1s;
  }
}

TEST(Steadiness, AnEvenStreamDoesNotVary) {
  EXPECT_DOUBLE_EQ(*Fed({100, 100, 100}).bitrateVariation(kFirstPacket + 3s), 0);
}

TEST(Steadiness, IsTheDeviationOverTheMeanOfWholeSeconds) {
  EXPECT_DOUBLE_EQ(*Fed({50, 150}).bitrateVariation(kFirstPacket + 2s), 0.5);
  EXPECT_DOUBLE_EQ(*Fed({50, 150, 7}).bitrateVariation(kFirstPacket + 2500ms), 0.5)
      << "the last second is not over";
}

TEST(Steadiness, SilentSecondsCount) {
  EXPECT_DOUBLE_EQ(*Fed({100, 0, 100, 0}).bitrateVariation(kFirstPacket + 4s), 1);
}

TEST(Steadiness, IsUnknownBeforeTwoSeconds) {
  EXPECT_FALSE(Fed({100}).bitrateVariation(kFirstPacket + 1900ms));
  EXPECT_FALSE(Steadiness().bitrateVariation(kFirstPacket + 9s));
}

TEST(Steadiness, ASilenceOfAnHourCostsNoHour) {
  const Fed steadiness({100});
  EXPECT_GT(*steadiness.bitrateVariation(kFirstPacket + 1h), 1);
}

}  // namespace
}  // namespace turnout
