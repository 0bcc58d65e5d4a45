// What flows between two peers: decoded again, counted, and repaired on request.
#include "pipelines/media/frame_counter.h"
#include "pipelines/media/gst_ref.h"
#include "tests/media/peer/peer_pair.h"

#include <mutex>

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
      if (totals.received_audio.packets < 50 || totals.received_video.packets < 30)
        return false;
    }
    return true;
  };
  ASSERT_TRUE(waitFor(enough, 10s)) << pair.story();
  for (TestPeer* peer : {&pair.offerer, &pair.answerer}) {
    const MediaTotals totals = (*peer)->totals();
    EXPECT_GE(totals.sent_audio.packets, 49u);
    EXPECT_GE(totals.sent_video.key_frames, 1u);
    EXPECT_EQ(totals.sent_video.pli_received, 0u);
    EXPECT_EQ(totals.received_audio.lost, 0u);
    EXPECT_EQ(totals.received_video.lost, 0u);
    EXPECT_GT(totals.received_video.bytes, totals.received_audio.bytes);
    EXPECT_GT(totals.longest_gap_ms, 0);
    EXPECT_LT(totals.longest_gap_ms, 1'000);
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
    ASSERT_TRUE(
        waitFor([&] { return pair.offerer->totals().sent_video.pli_received >= asked; }, 15s));
    const std::uint64_t key_frames = pair.offerer->totals().sent_video.key_frames;
    ASSERT_TRUE(
        waitFor([&] { return pair.offerer->totals().sent_video.key_frames > key_frames; }, 5s));
    const std::size_t sent = pair.offerer->totals().sent_video.packets;
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
  EXPECT_GT(totals.sent_video.packets, 0u);
  EXPECT_GT(totals.received_audio.packets, 0u);
}

TEST(Media, ThePacerKeepsTime) {
  PeerPair pair;
  ASSERT_TRUE(pair.connect()) << pair.story();
  testFactory().takeHealth();
  ASSERT_TRUE(waitFor([&pair] { return pair.offerer->totals().sent_audio.packets > 25; }, 10s));
  const PeerFactory::Health health = testFactory().takeHealth();
  EXPECT_GT(health.pacer_late_max_ms, 0);
  EXPECT_LE(health.pacer_late_p99_ms, health.pacer_late_max_ms);
  EXPECT_LT(health.pacer_late_p99_ms, 250) << "or this machine is far too busy to test on";
}

}  // namespace
}  // namespace turnout
