// The clip, decoded again: what a far end would see and hear.
#include "pipelines/media/clip.h"

#include "pipelines/media/gst.h"
#include "pipelines/media/test_card.h"

#include <cmath>
#include <numbers>
#include <string>

#include <gmock/gmock.h>
#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using ::testing::HasSubstr;

const Clip& defaultClip() {
  static const Clip clip = [] {
    EXPECT_TRUE(startGst());
    return *encodeClip(MediaProfile{});
  }();
  return clip;
}

// Every decoded buffer of a track.
std::vector<std::vector<std::uint8_t>> decode(const ClipTrack& track, const std::string& caps,
                                              const std::string& decoder) {
  auto pipeline =
      Ref<GstElement>::sink(gst_parse_launch(("appsrc name=in format=time caps=\"" + caps +
                                              "\" ! " + decoder + " ! appsink name=out sync=false")
                                                 .c_str(),
                                             nullptr));
  auto in = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "in"));
  auto out = Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline.get()), "out"));
  gst_element_set_state(pipeline.get(), GST_STATE_PLAYING);
  for (const ClipPacket& packet : track.packets)
    gst_app_src_push_buffer(GST_APP_SRC(in.get()),
                            gst_buffer_new_memdup(packet.rtp.data(), packet.rtp.size()));
  gst_app_src_end_of_stream(GST_APP_SRC(in.get()));
  std::vector<std::vector<std::uint8_t>> buffers;
  while (auto sample = Ref<GstSample>::adopt(gst_app_sink_pull_sample(GST_APP_SINK(out.get())))) {
    GstBuffer* buffer = gst_sample_get_buffer(sample.get());
    buffers.emplace_back(gst_buffer_get_size(buffer));
    gst_buffer_extract(buffer, 0, buffers.back().data(), buffers.back().size());
  }
  gst_element_set_state(pipeline.get(), GST_STATE_NULL);
  return buffers;
}

const char* const kVideoCaps =
    "application/x-rtp,media=video,encoding-name=VP8,clock-rate=90000,payload=96";
const char* const kAudioCaps =
    "application/x-rtp,media=audio,encoding-name=OPUS,clock-rate=48000,payload=96";

double bitsPerSecond(const ClipTrack& track) {
  std::size_t bytes = 0;
  for (const ClipPacket& packet : track.packets)
    bytes += packet.rtp.size() - 12;
  return static_cast<double>(bytes) * 8 / std::chrono::duration<double>(track.length).count();
}

// Power at one frequency (Goertzel 1958), relative to the whole power of the block.
double shareOfPowerAt(double hz, const std::int16_t* pcm, std::size_t samples) {
  const double w = 2 * std::numbers::pi * hz / kToneSampleRate_hz;
  double s1 = 0, s2 = 0, power = 0;
  for (std::size_t i = 0; i < samples; i++) {
    const double s = pcm[i] + 2 * std::cos(w) * s1 - s2;
    s2 = std::exchange(s1, s);
    power += static_cast<double>(pcm[i]) * pcm[i];
  }
  const double at = s1 * s1 + s2 * s2 - 2 * std::cos(w) * s1 * s2;
  return 2 * at / (power * static_cast<double>(samples));
}

TEST(Clip, EveryFrameDecodesAndItsCounterIsReadable) {
  const auto frames = decode(*defaultClip().of(MediaKind::kVideo), kVideoCaps,
                             "rtpvp8depay ! vp8dec ! video/x-raw,format=I420");
  ASSERT_EQ(frames.size(), 15u * kClipLength.count());
  for (unsigned i = 0; i < frames.size(); i++)
    ASSERT_EQ(readFrameCounter(frames[i].data(), 320, 320, 240), i);
}

TEST(Clip, AKeyFrameIsFirstAndComesEverySecond) {
  const auto& video = *defaultClip().of(MediaKind::kVideo);
  ASSERT_GE(video.key_frames.size(), 4u);
  EXPECT_EQ(video.key_frames.front(), 0u);
  for (std::size_t i = 1; i < video.key_frames.size(); i++)
    EXPECT_LE(video.packets[video.key_frames[i]].at - video.packets[video.key_frames[i - 1]].at,
              kKeyFrameInterval + 1ms);
}

TEST(Clip, PacketsAreInOrderAndFitAnMtu) {
  for (const auto* track :
       {&*defaultClip().of(MediaKind::kAudio), &*defaultClip().of(MediaKind::kVideo)}) {
    Duration last{0};
    for (const ClipPacket& packet : track->packets) {
      EXPECT_GE(packet.at, last);
      EXPECT_LT(packet.at, track->length);
      EXPECT_LE(packet.rtp.size(), 1'200u);
      EXPECT_NEAR(std::chrono::duration<double>(packet.at).count() * track->clock_rate_hz,
                  packet.ticks, 1.0);
      last = packet.at;
    }
  }
}

TEST(Clip, TheToneIsHeardBetweenTicks) {
  std::vector<std::int16_t> pcm;
  for (const auto& bytes : decode(*defaultClip().of(MediaKind::kAudio), kAudioCaps,
                                  "rtpopusdepay ! opusdec ! audioconvert ! "
                                  "audio/x-raw,format=S16LE,channels=1,rate=48000")) {
    const auto* samples = reinterpret_cast<const std::int16_t*>(bytes.data());
    pcm.insert(pcm.end(), samples, samples + bytes.size() / 2);
  }
  ASSERT_GT(pcm.size(), kToneSampleRate_hz * 3u);
  constexpr std::size_t kBlock = 4'800;
  for (std::size_t second = 0; second < 3; second++) {
    const auto* middle = pcm.data() + second * kToneSampleRate_hz + kToneSampleRate_hz / 2;
    EXPECT_GT(shareOfPowerAt(kTone_hz, middle, kBlock), 0.9) << second;
    EXPECT_LT(shareOfPowerAt(kTick_hz, middle, kBlock), 0.05) << second;
  }
  // The tick of second 1, wherever the codec's delay put it.
  double loudest_tick = 0;
  for (std::size_t at = kToneSampleRate_hz - 960; at < kToneSampleRate_hz + 1'920; at += 240)
    loudest_tick = std::max(loudest_tick, shareOfPowerAt(kTick_hz, pcm.data() + at, 720));
  EXPECT_GT(loudest_tick, 0.7);
}

TEST(Clip, HonoursSizeAndRates) {
  ASSERT_TRUE(startGst());
  MediaProfile profile;
  profile.audio->bitrate_bps = 64'000;
  profile.video = VideoProfile{"vp8", 640, 360, 10, 600'000};
  const auto clip = encodeClip(profile);
  ASSERT_TRUE(clip) << clip.error().what;
  EXPECT_NEAR(bitsPerSecond(*clip->of(MediaKind::kAudio)), 64'000, 6'400);
  EXPECT_NEAR(bitsPerSecond(*clip->of(MediaKind::kVideo)), 600'000, 120'000);
  const auto frames = decode(*clip->of(MediaKind::kVideo), kVideoCaps,
                             "rtpvp8depay ! vp8dec ! video/x-raw,format=I420");
  ASSERT_EQ(frames.size(), 40u);
  EXPECT_EQ(frames.front().size(), 640u * 360 * 3 / 2);
  EXPECT_EQ(readFrameCounter(frames.back().data(), 640, 640, 360), 39u);
}

TEST(Clip, TheDefaultRatesAreTheProfiles) {
  EXPECT_NEAR(bitsPerSecond(*defaultClip().of(MediaKind::kAudio)), 32'000, 3'200);
  EXPECT_NEAR(bitsPerSecond(*defaultClip().of(MediaKind::kVideo)), 250'000, 50'000);
  EXPECT_EQ(defaultClip().of(MediaKind::kAudio)->packets.size(), 50u * kClipLength.count());
}

TEST(Clip, WhatIsNotWantedIsNotMade) {
  ASSERT_TRUE(startGst());
  const auto none = encodeClip({std::nullopt, std::nullopt});
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->tracks.empty());
}

TEST(Clip, AnImpossibleSizeIsAnErrorThatSaysSo) {
  ASSERT_TRUE(startGst());
  MediaProfile profile;
  profile.video->width_px = 321;
  const auto clip = encodeClip(profile);
  ASSERT_FALSE(clip);
  EXPECT_EQ(clip.error().code, ErrorCode::kBadScenario);
  EXPECT_THAT(clip.error().what, HasSubstr("321x240"));
}

}  // namespace
}  // namespace turnout
