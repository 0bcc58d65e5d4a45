#include "bots/timeline/media_loss.h"

#include <gtest/gtest.h>

namespace turnout {
namespace {

constexpr std::int64_t kMs = 1'000'000;
constexpr std::int64_t kBegin = 5'000 * kMs;

// A packet each 20 ms, `packets` of them.
MediaReport sentBy(std::int64_t packets, std::int64_t first_sequence = 65'500) {
  MediaReport report;
  report.sent_packets = packets;
  report.sent_first_ns = kBegin;
  report.sent_last_ns = kBegin + (packets - 1) * 20 * kMs;
  report.sent_first_sequence = first_sequence;
  return report;
}
// Those from number `from` to `to` of the above but `missing` of them, 30 ms later.
MediaReport receivedBy(std::int64_t from, std::int64_t to, std::int64_t missing) {
  MediaReport report;
  report.received_packets = to - from + 1 - missing;
  report.lost_packets = missing;
  report.received_first_ns = kBegin + (from * 20 + 30) * kMs;
  report.received_last_ns = kBegin + (to * 20 + 30) * kMs;
  report.received_first_sequence = (65'500 + from) % 65'536;
  return report;
}
Instant after_ms(std::int64_t ms) {
  return fromNs(kBegin + ms * kMs);
}

TEST(MediaLoss, IsNoneWhereAllCame) {
  const auto loss = mediaLossOf(sentBy(500), receivedBy(0, 499, 0), after_ms(10'100));
  ASSERT_TRUE(loss);
  EXPECT_EQ(loss->sent, 500);
  EXPECT_EQ(loss->received, 500);
  EXPECT_EQ(loss->share(), 0);
}

TEST(MediaLoss, CountsWhatIsMissingBetween) {
  const auto loss = mediaLossOf(sentBy(500), receivedBy(0, 499, 25), after_ms(10'100));
  ASSERT_TRUE(loss);
  EXPECT_DOUBLE_EQ(loss->share(), 0.05);
  EXPECT_EQ(loss->trailing, 0);
}

TEST(MediaLoss, CountsWhatWasSentAfterTheLastOneThatCame) {
  const auto loss = mediaLossOf(sentBy(600), receivedBy(0, 34, 0), after_ms(12'200));
  ASSERT_TRUE(loss);
  EXPECT_EQ(loss->sent, 600);
  EXPECT_EQ(loss->received, 35);
  EXPECT_EQ(loss->trailing, 565);
}

TEST(MediaLoss, DoesNotCountWhatWasSentBeforeTheFirst) {
  const auto loss = mediaLossOf(sentBy(500), receivedBy(50, 499, 0), after_ms(10'100));
  ASSERT_TRUE(loss);
  EXPECT_EQ(loss->sent, 450);
  EXPECT_EQ(loss->lost(), 0);
}

TEST(MediaLoss, DoesNotCountWhatIsSentToOneWhoHasGone) {
  // The receiver left after 4 s; the sender noticed 6 s later.
  const auto loss = mediaLossOf(sentBy(500), receivedBy(0, 199, 0), after_ms(4'030));
  ASSERT_TRUE(loss);
  EXPECT_LE(loss->lost(), 1);
}

TEST(MediaLoss, KnowsHowMuchOfTheTailIsLostIfTheReceiverLeavesFirst) {
  // Media died at 2 s, the receiver left at 6 s, the sender went on to 10 s.
  const auto loss = mediaLossOf(sentBy(500), receivedBy(0, 99, 0), after_ms(6'030));
  ASSERT_TRUE(loss);
  EXPECT_NEAR(static_cast<double>(loss->trailing), 195, 1);
}

TEST(MediaLoss, WhatIsUnderWayAtTheEndIsNotLost) {
  // 500 ms of transit, as behind a distant relay; both ends leave at 10 s.
  MediaReport receiver = receivedBy(0, 474, 0);
  receiver.received_first_ns = kBegin + 500 * kMs;
  receiver.received_last_ns = kBegin + 9'980 * kMs;
  const auto loss = mediaLossOf(sentBy(500), receiver, after_ms(10'000));
  ASSERT_TRUE(loss);
  EXPECT_LE(loss->lost(), 1);
}

TEST(MediaLoss, AShortCallOnABusyMachineHasLostNothing) {
  // A third of a second; a relay in between had stood still for 60 ms when the receiver left.
  const auto loss = mediaLossOf(sentBy(16), receivedBy(0, 12, 0), after_ms(330));
  ASSERT_TRUE(loss);
  EXPECT_EQ(loss->lost(), 0);
}

TEST(MediaLoss, IsAllWhereNothingCame) {
  const auto loss = mediaLossOf(sentBy(500), MediaReport{}, after_ms(10'100));
  ASSERT_TRUE(loss);
  EXPECT_EQ(loss->sent, 500);
  EXPECT_DOUBLE_EQ(loss->share(), 1);
}

TEST(MediaLoss, IsUnknownWhereNothingWasSentOrNobodySaid) {
  EXPECT_FALSE(mediaLossOf(MediaReport{}, MediaReport{}, after_ms(10'000)));
  EXPECT_FALSE(mediaLossOf(sentBy(500), MediaReport{}, after_ms(-1)));
  MediaReport old;
  old.received_packets = 100;
  EXPECT_FALSE(mediaLossOf(sentBy(500), old, after_ms(10'000)));
}

}  // namespace
}  // namespace turnout
