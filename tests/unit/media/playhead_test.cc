#include "pipelines/media/playhead.h"

#include <array>

#include <gtest/gtest.h>

namespace turnout {
namespace {

constexpr Instant kPlayStart = fromNs(1'000'000'000);

// Four frames 250 ms apart, the second of two packets; key frames at 0 and 500 ms.
ClipTrack fourFrames() {
  ClipTrack track;
  track.kind = MediaKind::kVideo;
  track.clock_rate_hz = 90'000;
  track.length = 1s;
  track.length_ticks = 90'000;
  const auto packet = [](int ms, bool marker) {
    std::vector<std::uint8_t> rtp(13, 0);
    rtp[0] = 0x80;
    rtp[1] = marker ? 0x80 | 96 : 96;
    rtp[12] = static_cast<std::uint8_t>(ms / 10);
    return ClipPacket{milliseconds(ms), static_cast<std::uint32_t>(ms * 90), rtp};
  };
  track.packets = {packet(0, true), packet(250, false), packet(250, true), packet(500, true),
                   packet(750, true)};
  track.key_frames = {0, 3};
  return track;
}

struct Sent {
  Instant at;
  std::uint16_t sequence;
  std::uint32_t timestamp, ssrc;
  std::uint8_t payload_type, content;
  bool marker;
};

Sent sendNext(Playhead& playhead) {
  std::vector<std::uint8_t> rtp(playhead.nextSize());
  const Instant at = playhead.due();
  playhead.write(rtp.data());
  const auto u32 = [&rtp](std::size_t i) {
    return std::uint32_t{rtp[i]} << 24 | std::uint32_t{rtp[i + 1]} << 16 |
           std::uint32_t{rtp[i + 2]} << 8 | rtp[i + 3];
  };
  return {at,
          static_cast<std::uint16_t>(rtp[2] << 8 | rtp[3]),
          u32(4),
          u32(8),
          static_cast<std::uint8_t>(rtp[1] & 0x7f),
          rtp[12],
          (rtp[1] & 0x80) != 0};
}

TEST(Playhead, SequenceAndTimestampRunOnOverTheLoop) {
  const auto track = fourFrames();
  Playhead playhead(track, {0xabcd, 111}, kPlayStart);
  const Sent first = sendNext(playhead);
  EXPECT_EQ(first.at, kPlayStart);
  const std::array<int, 11> expected_ms = {250,  250,  500,  750,  1000, 1250,
                                           1250, 1500, 1750, 2000, 2250};
  for (std::size_t i = 0; i < expected_ms.size(); i++) {
    const Sent next = sendNext(playhead);
    EXPECT_EQ(next.at, kPlayStart + milliseconds(expected_ms[i]));
    EXPECT_EQ(next.sequence, static_cast<std::uint16_t>(first.sequence + i + 1));
    EXPECT_EQ(next.timestamp - first.timestamp, static_cast<std::uint32_t>(expected_ms[i] * 90));
    EXPECT_EQ(next.ssrc, 0xabcdu);
    EXPECT_EQ(next.payload_type, 111);
  }
}

TEST(Playhead, KeepsTheMarkerAndThePayload) {
  const auto track = fourFrames();
  Playhead playhead(track, {1, 96}, kPlayStart);
  sendNext(playhead);
  const Sent head = sendNext(playhead);
  const Sent tail = sendNext(playhead);
  EXPECT_FALSE(head.marker);
  EXPECT_TRUE(tail.marker);
  EXPECT_EQ(tail.content, 25);
}

TEST(Playhead, StartingPointsComeFromTheSsrcAlone) {
  const auto track = fourFrames();
  Playhead a(track, {7, 96}, kPlayStart), again(track, {7, 96}, kPlayStart + 3s),
      b(track, {8, 96}, kPlayStart);
  const Sent sent_a = sendNext(a), sent_again = sendNext(again), sent_b = sendNext(b);
  EXPECT_EQ(sent_a.sequence, sent_again.sequence);
  EXPECT_EQ(sent_a.timestamp, sent_again.timestamp);
  EXPECT_NE(sent_a.sequence, sent_b.sequence);
  EXPECT_NE(sent_a.timestamp, sent_b.timestamp);
  EXPECT_LT(sent_a.sequence, 0x8000);
}

TEST(Playhead, AJumpSendsTheNextKeyFrameAtTheInstantThatWasDue) {
  const auto track = fourFrames();
  Playhead playhead(track, {7, 96}, kPlayStart);
  const Sent first = sendNext(playhead);
  playhead.jumpToKeyFrame();
  EXPECT_TRUE(playhead.atKeyFrame());
  const Sent key = sendNext(playhead);
  EXPECT_EQ(key.content, 50);
  EXPECT_EQ(key.at, kPlayStart + 250ms);
  EXPECT_EQ(key.timestamp - first.timestamp, 250u * 90);
  EXPECT_EQ(key.sequence, static_cast<std::uint16_t>(first.sequence + 1));
  const Sent after = sendNext(playhead);
  EXPECT_EQ(after.content, 75);
  EXPECT_EQ(after.at, kPlayStart + 500ms);
  const Sent looped = sendNext(playhead);
  EXPECT_EQ(looped.content, 0);
  EXPECT_EQ(looped.at, kPlayStart + 750ms);
  EXPECT_EQ(looped.timestamp - first.timestamp, 750u * 90);
}

TEST(Playhead, AfterTheLastKeyFrameAJumpGoesToTheFirst) {
  const auto track = fourFrames();
  Playhead playhead(track, {7, 96}, kPlayStart);
  for (int i = 0; i < 4; i++)
    sendNext(playhead);
  playhead.jumpToKeyFrame();
  const Sent key = sendNext(playhead);
  EXPECT_EQ(key.content, 0);
  EXPECT_EQ(key.at, kPlayStart + 750ms);
}

TEST(Playhead, AJumpAtAKeyFrameChangesNothing) {
  const auto track = fourFrames();
  Playhead playhead(track, {7, 96}, kPlayStart);
  playhead.jumpToKeyFrame();
  EXPECT_EQ(sendNext(playhead).content, 0);
  EXPECT_EQ(playhead.due(), kPlayStart + 250ms);
}

TEST(Playhead, KnowsWhereAFrameBegins) {
  const auto track = fourFrames();
  Playhead playhead(track, {7, 96}, kPlayStart);
  EXPECT_TRUE(playhead.atFrameStart());
  sendNext(playhead);
  EXPECT_TRUE(playhead.atFrameStart());
  sendNext(playhead);
  EXPECT_FALSE(playhead.atFrameStart());
}

}  // namespace
}  // namespace turnout
