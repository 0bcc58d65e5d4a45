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

TEST(SequenceTracker, TellsWhatIsLateAndWhatIsThereTwice) {
  using Arrival = SequenceTracker::Arrival;
  SequenceTracker tracker;
  EXPECT_EQ(tracker.add(65'534), Arrival::kNext);
  EXPECT_EQ(tracker.add(1), Arrival::kNext);
  EXPECT_EQ(tracker.add(65'535), Arrival::kLate);
  EXPECT_EQ(tracker.add(65'535), Arrival::kDuplicate);
  EXPECT_EQ(tracker.add(1), Arrival::kDuplicate);
  EXPECT_EQ(tracker.lost(), 1u) << "number 0";
  EXPECT_EQ(tracker.add(0), Arrival::kLate);
  EXPECT_EQ(tracker.lost(), 0u);
}

TEST(SequenceTracker, ADuplicateHidesNoLoss) {
  EXPECT_EQ(lostAfter({5, 5, 5, 8}), 2u);
}

TEST(SequenceTracker, APacketBeforeTheFirstMovesTheFirst) {
  SequenceTracker tracker;
  for (const auto each : std::initializer_list<std::uint16_t>{5, 4, 8})
    tracker.add(each);
  EXPECT_EQ(tracker.first(), 4);
  EXPECT_EQ(tracker.lost(), 2u);
}

TEST(SequenceTracker, RemembersAWindowBelowTheHighest) {
  SequenceTracker tracker;
  tracker.add(0);
  tracker.add(10'000);  // 1 to 9,999 are missing
  EXPECT_EQ(tracker.add(9'000), SequenceTracker::Arrival::kLate);
  EXPECT_EQ(tracker.add(9'000), SequenceTracker::Arrival::kDuplicate);
  EXPECT_EQ(tracker.add(5'000), SequenceTracker::Arrival::kDuplicate) << "too late to tell";
  EXPECT_EQ(tracker.lost(), 9'998u);
}

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
      add(at, bytes);
    at += 1s;
  }
}

TEST(Steadiness, AnEvenStreamDoesNotVary) {
  EXPECT_DOUBLE_EQ(*Fed({100, 100, 100}).variation(kFirstPacket + 3s), 0);
}

TEST(Steadiness, IsTheDeviationOverTheMeanOfWholeSeconds) {
  EXPECT_DOUBLE_EQ(*Fed({50, 150}).variation(kFirstPacket + 2s), 0.5);
  EXPECT_DOUBLE_EQ(*Fed({50, 150, 7}).variation(kFirstPacket + 2500ms), 0.5)
      << "the last second is not over";
}

TEST(Steadiness, SilentSecondsCount) {
  EXPECT_DOUBLE_EQ(*Fed({100, 0, 100, 0}).variation(kFirstPacket + 4s), 1);
}

TEST(Steadiness, IsUnknownBeforeTwoSeconds) {
  EXPECT_FALSE(Fed({100}).variation(kFirstPacket + 1900ms));
  EXPECT_FALSE(Steadiness().variation(kFirstPacket + 9s));
}

TEST(Steadiness, ASilenceOfAnHourCostsNoHour) {
  const Fed steadiness({100});
  EXPECT_GT(*steadiness.variation(kFirstPacket + 1h), 1);
}

// A packet of 100 bytes of a stream whose clock counts kHz.
struct FedMeter {
  static constexpr double kHz = 1'000;
  bool packet(Instant at, std::uint16_t sequence, std::size_t bytes = 100) {
    std::vector<std::uint8_t> rtp(bytes);
    rtp[2] = static_cast<std::uint8_t>(sequence >> 8);
    rtp[3] = static_cast<std::uint8_t>(sequence);
    const auto sent_ms = static_cast<std::uint32_t>(sequence * 20);
    for (std::size_t i = 0; i < 4; i++)
      rtp[4 + i] = static_cast<std::uint8_t>(sent_ms >> (24 - 8 * i));
    return meter.add(stream, at, rtp);
  }
  RtpMeter meter{kHz};
  StreamMeter stream;
};

TEST(RtpMeter, OnlyTheFirstPacketIsTheFirst) {
  FedMeter fed;
  EXPECT_TRUE(fed.packet(kFirstPacket, 7));
  EXPECT_FALSE(fed.packet(kFirstPacket + 20ms, 8, 50));
  EXPECT_FALSE(fed.packet(kFirstPacket + 60ms, 10, 50));
  const ReceivedTotals totals = fed.meter.totals(kFirstPacket + 60ms);
  EXPECT_EQ(totals.packets, 3u);
  EXPECT_EQ(totals.bytes, 200u);
  EXPECT_EQ(totals.lost, 1u);
  EXPECT_EQ(totals.first, kFirstPacket);
  EXPECT_EQ(totals.last, kFirstPacket + 60ms);
  EXPECT_EQ(totals.first_sequence, 7);
  EXPECT_NEAR(*totals.bitrate_bps, 100 * 8 / 0.06, 1e-6) << "the first packet's bytes took no time";
}

TEST(RtpMeter, CountsLateAndDoublePacketsApart) {
  FedMeter fed;
  for (const auto each : std::initializer_list<std::uint16_t>{7, 9, 8, 9})
    fed.packet(kFirstPacket, each);
  const ReceivedTotals totals = fed.meter.totals(kFirstPacket);
  EXPECT_EQ(totals.packets, 3u);
  EXPECT_EQ(totals.bytes, 300u);
  EXPECT_EQ(totals.lost, 0u);
  EXPECT_EQ(totals.reordered, 1u);
  EXPECT_EQ(totals.duplicates, 1u);
}

TEST(RtpMeter, TheLongestGapIncludesTheOneThatLastsStill) {
  FedMeter fed;
  EXPECT_EQ(fed.meter.totals(kFirstPacket).longest_gap, Duration::zero()) << "nothing came yet";
  fed.packet(kFirstPacket, 1);
  fed.packet(kFirstPacket + 1s, 2);
  fed.packet(kFirstPacket + 4s, 3);
  const ReceivedTotals soon = fed.meter.totals(kFirstPacket + 4500ms);
  EXPECT_EQ(soon.longest_gap, 3s);
  EXPECT_EQ(soon.gap_began, kFirstPacket + 1s);
  const ReceivedTotals later = fed.meter.totals(kFirstPacket + 10s);
  EXPECT_EQ(later.longest_gap, 6s);
  EXPECT_EQ(later.gap_began, kFirstPacket + 4s);
}

TEST(RtpMeter, HasTheJitterOfTheStream) {
  FedMeter fed;
  for (std::uint16_t i = 0; i < 400; i++)
    fed.packet(kFirstPacket + i * 20ms + (i % 2) * 8ms, i);
  EXPECT_NEAR(*fed.meter.totals(kFirstPacket + 8s).jitter_ms, 8, 0.01);
}

TEST(RtpMeter, OfNothingHasNoFigures) {
  const ReceivedTotals totals = RtpMeter(1'000).totals(kFirstPacket);
  EXPECT_FALSE(totals.first || totals.last || totals.jitter_ms || totals.bitrate_bps);
}

constexpr Instant kWatchStart = fromNs(1'000'000'000);

struct LinkSilence : testing::Test {
  LinkSilence() {
    watch.expect({MediaKind::kAudio, MediaKind::kVideo});
    watch.began(MediaKind::kAudio);
    watch.began(MediaKind::kVideo);
  }
  LinkWatch watch;
};

TEST_F(LinkSilence, IsThatOfAllKinds) {
  EXPECT_FALSE(watch.silent(MediaKind::kVideo, kWatchStart + 10ms));
  EXPECT_EQ(watch.silent(MediaKind::kAudio, kWatchStart), kWatchStart + 10ms);
  EXPECT_FALSE(watch.back(MediaKind::kAudio, kWatchStart + 4s)) << "video is not there yet";
  EXPECT_FALSE(watch.silent(MediaKind::kAudio, kWatchStart + 5s));
  EXPECT_FALSE(watch.back(MediaKind::kVideo, kWatchStart + 6s)) << "audio is gone again";
  EXPECT_EQ(watch.back(MediaKind::kAudio, kWatchStart + 7010ms), 7s);
}

TEST_F(LinkSilence, OfOneKindIsNone) {
  EXPECT_FALSE(watch.silent(MediaKind::kVideo, kWatchStart));
  EXPECT_FALSE(watch.back(MediaKind::kVideo, kWatchStart + 9s));
}

TEST_F(LinkSilence, WaitsForNoKindThatHadStoppedBefore) {
  EXPECT_FALSE(watch.silent(MediaKind::kVideo, kWatchStart));
  EXPECT_TRUE(watch.silent(MediaKind::kAudio, kWatchStart + 5s));
  EXPECT_EQ(watch.back(MediaKind::kAudio, kWatchStart + 8s), 3s);
}

TEST(LinkSilences, AreOfWhatIsToCome) {
  LinkWatch watch;
  watch.expect({MediaKind::kAudio, MediaKind::kVideo});
  watch.began(MediaKind::kAudio);
  EXPECT_EQ(watch.silent(MediaKind::kAudio, kWatchStart), kWatchStart) << "video never came";
  EXPECT_TRUE(watch.back(MediaKind::kAudio, kWatchStart + 1s));
  watch.expect({});
  EXPECT_FALSE(watch.silent(MediaKind::kAudio, kWatchStart + 2s)) << "on hold";
}

TEST(MediaWatch, BeginsWithTheFirstPacket) {
  MediaWatch watch(5s);
  EXPECT_FALSE(watch.check(kWatchStart + 60s).silent_since);
  EXPECT_FALSE(watch.packet(kWatchStart + 61s));
  EXPECT_FALSE(watch.check(kWatchStart + 65s).silent_since);
}

TEST(MediaWatch, AsksToBeAskedWhenTheSilenceCouldBeLongEnough) {
  MediaWatch watch(5s);
  watch.packet(kWatchStart);
  EXPECT_EQ(watch.check(kWatchStart + 1s).next, kWatchStart + 5s);
  watch.packet(kWatchStart + 3s);
  EXPECT_EQ(watch.check(kWatchStart + 5s).next, kWatchStart + 8s);
}

TEST(MediaWatch, TellsASilenceOnceWithItsExactBeginning) {
  MediaWatch watch(5s);
  watch.packet(kWatchStart);
  EXPECT_FALSE(watch.check(kWatchStart + 5s - 1ns).silent_since);
  EXPECT_EQ(watch.check(kWatchStart + 5s + 20ms).silent_since, kWatchStart);
  EXPECT_FALSE(watch.check(kWatchStart + 10s).silent_since);
}

TEST(MediaWatch, TellsTheGapWithThePacketThatEndsIt) {
  MediaWatch watch(5s);
  watch.packet(kWatchStart);
  watch.check(kWatchStart + 6s);
  EXPECT_EQ(watch.packet(kWatchStart + 7s), 7s);
  EXPECT_FALSE(watch.packet(kWatchStart + 8s));
  EXPECT_EQ(watch.check(kWatchStart + 13s).silent_since, kWatchStart + 8s);
}

TEST(MediaWatch, LetsAShortGapPass) {
  MediaWatch watch(5s);
  watch.packet(kWatchStart);
  EXPECT_FALSE(watch.packet(kWatchStart + 4s));
  EXPECT_FALSE(watch.packet(kWatchStart + 12s)) << "nobody asked in between";
}

TEST(MediaWatch, KnowsTheLastPacketAlsoWhileItIsSilent) {
  MediaWatch watch(5s);
  EXPECT_EQ(watch.last(), std::nullopt);
  watch.packet(kWatchStart);
  EXPECT_EQ(watch.last(), kWatchStart);
  watch.check(kWatchStart + 6s);
  EXPECT_EQ(watch.last(), kWatchStart);
}

}  // namespace
}  // namespace turnout
