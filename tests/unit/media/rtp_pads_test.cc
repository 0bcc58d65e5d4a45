// RtpSender and RtpReceiver pad to pad, without webrtcbin between them.
#include "pipelines/media/rtp_receiver.h"
#include "pipelines/media/rtp_sender.h"

#include <optional>

#include <gtest/gtest.h>

namespace turnout {
namespace {

constexpr Instant kPadsStart = fromNs(1'000'000'000);

ClipTrack videoTrack() {
  ClipTrack track;
  track.kind = MediaKind::kVideo;
  track.clock_rate_hz = 90'000;
  track.length = 4s;
  track.length_ticks = 360'000;
  for (int i = 0; i < 40; i++)
    track.packets.push_back({milliseconds(100 * i), static_cast<std::uint32_t>(9'000 * i),
                             std::vector<std::uint8_t>(20, static_cast<std::uint8_t>(i))});
  track.key_frames = {0, 20};
  return track;
}

// A sender linked through a no-jitter-buffer element to a receiver.
class RtpPads : public ::testing::Test {
 protected:
  RtpPads()
      : track_(videoTrack()),
        sender_(track_, {42, 96}),
        receiver_(300ms, {.first = [this](MediaKind kind, Instant) { first_ = kind; },
                          .back = [this](MediaKind kind, Instant, Duration) { back_ = kind; },
                          .tap =
                              [this](MediaKind, std::span<const std::uint8_t> rtp) {
                                contents_.push_back(rtp[12]);
                                sequence_.push_back(rtp[2] << 8 | rtp[3]);
                              }}) {
    element_ = makeNoJitterBuffer();
    gst_element_set_state(element_.get(), GST_STATE_PLAYING);
    auto source = Ref<GstPad>::adopt(gst_element_get_static_pad(element_.get(), "src"));
    receiver_.accept(source.get());
    auto caps = Ref<GstCaps>::adopt(gst_caps_from_string("application/x-rtp,media=video"));
    sender_.attach(Ref<GstPad>::adopt(gst_element_get_static_pad(element_.get(), "sink")),
                   caps.get());
    EXPECT_TRUE(sender_.begin(kPadsStart, 0));
  }
  ~RtpPads() override {
    gst_element_set_state(element_.get(), GST_STATE_NULL);
    sender_.detach();
  }
  void requestKeyFrame() {
    auto sink = Ref<GstPad>::adopt(gst_element_get_static_pad(element_.get(), "sink"));
    gst_pad_push_event(sink.get(),
                       gst_event_new_custom(GST_EVENT_CUSTOM_UPSTREAM,
                                            gst_structure_new_empty("GstForceKeyUnit")));
  }

  struct GstInit {
    GstInit() { EXPECT_TRUE(startGst()); }
  } init_;
  ClipTrack track_;
  RtpSender sender_;
  std::optional<MediaKind> first_, back_;
  std::vector<int> contents_, sequence_;
  Ref<GstElement> element_;
  RtpReceiver receiver_;
};

TEST_F(RtpPads, SendsWhatIsDueAndTellsTheNextDueTime) {
  EXPECT_EQ(sender_.advance(kPadsStart + 250ms), kPadsStart + 300ms);
  EXPECT_EQ(contents_, (std::vector<int>{0, 1, 2}));
  EXPECT_EQ(first_, MediaKind::kVideo);
  EXPECT_EQ(sender_.totals().packets, 3u);
  EXPECT_EQ(sender_.totals().bytes, 60u);
  EXPECT_EQ(sender_.totals().key_frames, 1u);
  EXPECT_EQ(receiver_.totals(MediaKind::kVideo).packets, 3u);
  EXPECT_EQ(receiver_.totals(MediaKind::kVideo).bytes, 60u);
  EXPECT_EQ(receiver_.totals(MediaKind::kVideo).lost, 0u);
  EXPECT_EQ(receiver_.totals(MediaKind::kAudio).packets, 0u);
}

TEST_F(RtpPads, AKeyFrameRequestIsAnsweredWithTheNextFrame) {
  sender_.advance(kPadsStart);
  requestKeyFrame();
  sender_.advance(kPadsStart + 100ms);
  EXPECT_EQ(contents_, (std::vector<int>{0, 20}));
  EXPECT_EQ(sender_.totals().key_frame_requests, 1u);
  EXPECT_EQ(sender_.totals().key_frames, 2u);
}

TEST_F(RtpPads, KeyFramesAreNotGivenMoreOftenThanEveryHalfSecond) {
  sender_.advance(kPadsStart);
  requestKeyFrame();
  sender_.advance(kPadsStart + 100ms);
  requestKeyFrame();
  requestKeyFrame();
  sender_.advance(kPadsStart + 500ms);
  EXPECT_EQ(contents_, (std::vector<int>{0, 20, 21, 22, 23, 24})) << "too soon";
  sender_.advance(kPadsStart + 600ms);
  EXPECT_EQ(contents_.back(), 0) << "the request was kept, and answered once";
  sender_.advance(kPadsStart + 700ms);
  EXPECT_EQ(contents_.back(), 1);
  EXPECT_EQ(sender_.totals().key_frame_requests, 3u);
}

TEST_F(RtpPads, APausedSenderGoesOnWithAKeyFrameAndWithoutAHoleInItsNumbers) {
  sender_.advance(kPadsStart + 100ms);
  sender_.pause();
  EXPECT_EQ(sender_.advance(kPadsStart + 300ms), std::nullopt) << "the pacer drops it";
  EXPECT_EQ(contents_, (std::vector<int>{0, 1}));
  EXPECT_TRUE(sender_.begin(kPadsStart + 5s, 0)) << "a pacer is to be found for it";
  sender_.advance(kPadsStart + 5s + 100ms);
  EXPECT_EQ(contents_, (std::vector<int>{0, 1, 20, 21}));
  EXPECT_EQ(sequence_[2], sequence_[1] + 1);
}

TEST_F(RtpPads, ASenderThatIsPausedForAMomentKeepsItsPacer) {
  sender_.advance(kPadsStart);
  sender_.pause();
  EXPECT_FALSE(sender_.begin(kPadsStart + 50ms, 0));
  EXPECT_TRUE(sender_.advance(kPadsStart + 50ms));
}

TEST_F(RtpPads, SilenceIsOfAKind) {
  sender_.advance(kPadsStart);
  const Instant later = now() + 1s;
  EXPECT_TRUE(receiver_.checkSilence(MediaKind::kVideo, later).silent_since);
  EXPECT_FALSE(receiver_.checkSilence(MediaKind::kAudio, later).silent_since) << "none was there";
  EXPECT_EQ(back_, std::nullopt);
  sender_.advance(kPadsStart + 100ms);
  EXPECT_EQ(back_, MediaKind::kVideo);
}

TEST_F(RtpPads, TheFirstAndTheLastPacketAreKnown) {
  EXPECT_EQ(sender_.totals().first, std::nullopt);
  sender_.advance(kPadsStart);
  sender_.advance(kPadsStart + 250ms);
  const SentTotals sent = sender_.totals();
  EXPECT_EQ(sent.first, kPadsStart);
  EXPECT_EQ(sent.last, kPadsStart + 250ms);
  EXPECT_EQ(sent.first_sequence, sequence_.front());
  EXPECT_EQ(receiver_.totals(MediaKind::kVideo).first_sequence, sequence_.front());
}

TEST_F(RtpPads, ADetachedSenderSendsNothing) {
  sender_.advance(kPadsStart);
  sender_.detach();
  EXPECT_EQ(sender_.advance(kPadsStart + 1s), std::nullopt);
  EXPECT_EQ(contents_.size(), 1u);
}

TEST_F(RtpPads, ASenderWhosePadIsGoneStops) {
  sender_.advance(kPadsStart);
  gst_element_set_state(element_.get(), GST_STATE_NULL);
  EXPECT_EQ(sender_.advance(kPadsStart + 1s), std::nullopt);
  EXPECT_EQ(sender_.totals().packets, 1u) << "what was refused was not sent";
}

}  // namespace
}  // namespace turnout
