// What flows between two peers: decoded again, counted, and repaired on request.
#include "pipelines/media/gst.h"
#include "pipelines/media/test_card.h"
#include "tests/media/peer/peer_pair.h"

#include <map>
#include <mutex>
#include <optional>

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

// Received video packets of one peer. Fed on a streaming thread.
class Recording {
 public:
  auto tap() {
    return [this](MediaKind kind, std::span<const std::uint8_t> rtp) {
      const std::lock_guard lock(mutex_);
      if (kind == MediaKind::kVideo)
        packets_.emplace_back(rtp.begin(), rtp.end());
    };
  }
  std::vector<std::vector<std::uint8_t>> packets() {
    const std::lock_guard lock(mutex_);
    return packets_;
  }
  std::size_t size() {
    const std::lock_guard lock(mutex_);
    return packets_.size();
  }

 private:
  std::mutex mutex_;
  std::vector<std::vector<std::uint8_t>> packets_;
};

// First byte of a VP8 frame: without extensions the payload descriptor is one byte (RFC 7741 4.2).
bool startsKeyFrame(const std::vector<std::uint8_t>& rtp) {
  return rtp.size() > 13 && rtp[12] == 0x10 && (rtp[13] & 1) == 0;
}

std::vector<unsigned> countersIn(const std::vector<std::vector<std::uint8_t>>& packets) {
  auto pipeline = Ref<GstElement>::sink(gst_parse_launch(
      "appsrc name=in format=time caps=\"application/x-rtp,media=video,encoding-name=VP8,"
      "clock-rate=90000,payload=96\" ! rtpvp8depay ! vp8dec ! video/x-raw,format=I420 ! "
      "appsink name=out sync=false",
      nullptr));
  auto in = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "in"));
  auto out = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "out"));
  gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
  for (const auto& packet : packets)
    gst_app_src_push_buffer(GST_APP_SRC(in.get()),
                            gst_buffer_new_memdup(packet.data(), packet.size()));
  gst_app_src_end_of_stream(GST_APP_SRC(in.get()));
  std::vector<unsigned> counters;
  while (auto sample = Ref<GstSample>::adopt(gst_app_sink_pull_sample(GST_APP_SINK(out.get())))) {
    GstMapInfo map;
    gst_buffer_map(gst_sample_get_buffer(sample.get()), &map, GST_MAP_READ);
    const auto counter = readFrameCounter(map.data, 320, 320, 240);
    EXPECT_TRUE(counter) << "frame " << counters.size();
    counters.push_back(counter.value_or(0));
    gst_buffer_unmap(gst_sample_get_buffer(sample.get()), &map);
  }
  gst_element_set_state(pipeline.get(), GST_STATE_NULL);
  return counters;
}

TEST(Media, TheFarEndSeesEveryFrameInOrderFromTheFirstOn) {
  Recording recording;
  PeerConfig answers = loopbackConfig("answerer");
  answers.rtp_tap = recording.tap();
  PeerPair pair(testFactory(), loopbackConfig("offerer"), answers);
  ASSERT_TRUE(pair.connect()) << pair.story();
  ASSERT_TRUE(waitFor([&recording] { return recording.size() > 60; }, 10s));
  pair.offerer->close(Leave::kAbrupt);
  const auto packets = recording.packets();
  EXPECT_TRUE(startsKeyFrame(packets.front()));
  const auto counters = countersIn(packets);
  ASSERT_GT(counters.size(), 10u);
  for (unsigned i = 0; i < counters.size(); i++)
    EXPECT_EQ(counters[i], i);
}

TEST(Media, TotalsGrowBothWaysWithoutLoss) {
  PeerPair pair;
  ASSERT_TRUE(pair.connect()) << pair.story();
  const auto enough = [&pair] {
    for (const TestPeer* peer : {&pair.offerer, &pair.answerer}) {
      const MediaTotals totals = const_cast<TestPeer*>(peer)->operator*().totals();
      if (totals.of(MediaKind::kAudio).received.packets < 50 ||
          totals.of(MediaKind::kVideo).received.packets < 30)
        return false;
    }
    return true;
  };
  ASSERT_TRUE(waitFor(enough, 10s)) << pair.story();
  for (TestPeer* peer : {&pair.offerer, &pair.answerer}) {
    const MediaTotals totals = (*peer)->totals();
    EXPECT_GE(totals.of(MediaKind::kAudio).sent.packets, 49u);
    EXPECT_GE(totals.of(MediaKind::kVideo).sent.key_frames, 1u);
    EXPECT_EQ(totals.of(MediaKind::kVideo).sent.key_frame_requests, 0u);
    EXPECT_EQ(totals.of(MediaKind::kAudio).received.lost, 0u);
    EXPECT_EQ(totals.of(MediaKind::kVideo).received.lost, 0u);
    EXPECT_GT(totals.of(MediaKind::kVideo).received.bytes,
              totals.of(MediaKind::kAudio).received.bytes);
    for (const TrackTotals& track : totals.tracks) {
      EXPECT_GT(track.received.longest_gap, Duration::zero());
      EXPECT_LT(track.received.longest_gap, 1s);
    }
  }
}

// Where the pictures do not follow upon each other, the number of the one that comes instead.
std::vector<unsigned> jumpsIn(const std::vector<unsigned>& counters) {
  constexpr unsigned kFramesInClip = 60;
  std::vector<unsigned> jumps;
  for (std::size_t i = 1; i < counters.size(); i++)
    if (counters[i] != (counters[i - 1] + 1) % kFramesInClip)
      jumps.push_back(counters[i]);
  return jumps;
}

// What one kind of media looked like as it came. Fed on a streaming thread.
struct Arrivals {
  void add(std::span<const std::uint8_t> rtp) {
    const Instant at = now();
    packets++;
    bytes += rtp.size();
    if (!first) {
      first = at;
      first_bytes = rtp.size();
    }
    last = at;
  }
  double bitrate_bps() const {
    return 8'000.0 * static_cast<double>(bytes - first_bytes) / toMs(*last - *first);
  }
  std::uint64_t packets = 0, bytes = 0, first_bytes = 0;
  std::optional<Instant> first, last;
};

TEST(Media, EachKindHasFiguresOfItsOwnWhichAreThoseOfTheWire) {
  std::mutex mutex;
  std::map<MediaKind, Arrivals> wire;
  PeerConfig answers = loopbackConfig("answerer");
  answers.rtp_tap = [&](MediaKind kind, std::span<const std::uint8_t> rtp) {
    const std::lock_guard lock(mutex);
    wire[kind].add(rtp);
  };
  PeerPair pair(testFactory(), loopbackConfig("offerer"), answers);
  ASSERT_TRUE(pair.connect()) << pair.story();
  const auto received = [&pair](MediaKind kind) {
    return pair.answerer->totals().of(kind).received;
  };
  ASSERT_TRUE(waitFor([&] { return received(MediaKind::kAudio).packets >= 170; }, 20s));
  pair.offerer->close(Leave::kAbrupt);
  for (const MediaKind kind : {MediaKind::kAudio, MediaKind::kVideo}) {
    const SentTotals sent = pair.offerer->totals().of(kind).sent;
    // What goes before the far end's DTLS is ready is not heard.
    const auto lead =
        static_cast<std::uint16_t>(received(kind).first_sequence - sent.first_sequence);
    EXPECT_LT(lead, 50) << toString(kind);
    EXPECT_TRUE(waitFor([&] { return received(kind).packets + lead >= sent.packets; }, 5s));
    const ReceivedTotals got = received(kind);
    const std::lock_guard lock(mutex);
    EXPECT_EQ(got.packets + lead, sent.packets) << toString(kind);
    EXPECT_EQ(got.packets, wire[kind].packets) << toString(kind);
    EXPECT_EQ(got.bytes, wire[kind].bytes) << toString(kind);
    EXPECT_EQ(got.lost, 0u) << toString(kind);
    EXPECT_GE(*got.first, *sent.first);
    EXPECT_GE(*got.last, *sent.last);
    EXPECT_NEAR(*got.bitrate_bps, wire[kind].bitrate_bps(), 0.02 * wire[kind].bitrate_bps());
  }
  // The clip's own: 32 kbit/s in 50 packets a second, and 250 kbit/s.
  EXPECT_NEAR(*received(MediaKind::kAudio).bitrate_bps, 37'000, 9'000);
  EXPECT_GT(*received(MediaKind::kVideo).bitrate_bps, 150'000);
  // Packets of a picture are sent at once and have one time stamp; those of sound have each their own.
  EXPECT_NE(*received(MediaKind::kAudio).jitter_ms, *received(MediaKind::kVideo).jitter_ms);
  EXPECT_NE(received(MediaKind::kAudio).bitrate_variation,
            received(MediaKind::kVideo).bitrate_variation);
}

TEST(Media, WhatWasNegotiatedIsToldOnceAndWithDirections) {
  PeerPair pair;
  ASSERT_TRUE(pair.connect()) << pair.story();
  for (TestPeer* peer : {&pair.offerer, &pair.answerer}) {
    ASSERT_TRUE(waitFor([peer] { return !peer->all<TracksNegotiated>().empty(); }, 5s));
    const auto told = peer->all<TracksNegotiated>();
    ASSERT_EQ(told.size(), 1u);
    ASSERT_EQ(told[0].tracks.size(), 2u);
    EXPECT_EQ(told[0].tracks[0], (NegotiatedTrack{0, MediaKind::kAudio, true, true, true}));
    EXPECT_EQ(told[0].tracks[1], (NegotiatedTrack{1, MediaKind::kVideo, true, true, true}));
  }
}

TEST(Media, AKeyFrameComesWhenItIsAskedFor) {
  Recording recording;
  PeerConfig answers = loopbackConfig("answerer");
  answers.rtp_tap = recording.tap();
  PeerPair pair(testFactory(), loopbackConfig("offerer"), answers);
  ASSERT_TRUE(pair.connect()) << pair.story();
  ASSERT_TRUE(waitFor([&recording] { return recording.size() > 10; }, 10s));
  std::vector<unsigned> jumps;
  // Asked just before a key frame of the clip there is nothing to jump over: then once more.
  for (unsigned asked = 1; asked <= 4 && jumps.empty(); asked++) {
    pair.answerer->requestKeyFrame();
    // RTCP goes when its interval allows, some seconds at worst (RFC 4585 3.5).
    ASSERT_TRUE(waitFor(
        [&] {
          return pair.offerer->totals().of(MediaKind::kVideo).sent.key_frame_requests >= asked;
        },
        15s));
    const std::uint64_t key_frames = pair.offerer->totals().of(MediaKind::kVideo).sent.key_frames;
    ASSERT_TRUE(waitFor(
        [&] { return pair.offerer->totals().of(MediaKind::kVideo).sent.key_frames > key_frames; },
        5s));
    const std::size_t sent = pair.offerer->totals().of(MediaKind::kVideo).sent.packets;
    ASSERT_TRUE(waitFor([&] { return recording.size() >= sent; }, 5s));
    jumps = jumpsIn(countersIn(recording.packets()));
  }
  ASSERT_FALSE(jumps.empty());
  for (const unsigned counter : jumps)
    EXPECT_EQ(counter % 15, 0u) << "not a key frame of the clip";
}

TEST(Media, TotalsOfAClosedPeerStay) {
  PeerPair pair;
  ASSERT_TRUE(pair.connect()) << pair.story();
  ASSERT_TRUE(pair.waitForMedia()) << pair.story();
  pair.offerer->close(Leave::kAbrupt);
  const MediaTotals totals = pair.offerer->totals();
  EXPECT_GT(totals.of(MediaKind::kVideo).sent.packets, 0u);
  EXPECT_GT(totals.of(MediaKind::kAudio).received.packets, 0u);
}

TEST(Media, ThePacerKeepsTime) {
  PeerPair pair;
  ASSERT_TRUE(pair.connect()) << pair.story();
  testFactory().takeHealth();
  ASSERT_TRUE(waitFor(
      [&pair] { return pair.offerer->totals().of(MediaKind::kAudio).sent.packets > 25; }, 10s));
  const PeerFactory::Health health = testFactory().takeHealth();
  EXPECT_GT(health.pacer_late_max_ms, 0);
  EXPECT_LE(health.pacer_late_p99_ms, health.pacer_late_max_ms);
  EXPECT_LT(health.pacer_late_p99_ms, 250) << "or this machine is far too busy to test on";
}

}  // namespace
}  // namespace turnout
