#include "pipelines/media/clip.h"

#include "pipelines/media/gst.h"
#include "pipelines/media/test_card.h"

#include <cstring>
#include <functional>
#include <string>

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gst/gst.h>

namespace turnout {
namespace {

constexpr unsigned kOpusFrame_ms = 20;
constexpr unsigned kVideoClock_hz = 90'000;  // RFC 7741 section 4.1
constexpr unsigned kOpusClock_hz = 48'000;   // RFC 7587 section 4.1

struct RawFrame {
  std::vector<std::uint8_t> bytes;
  GstClockTime pts, duration;
};

// appsrc name=in ! ... ! appsink name=out, run as fast as it goes.
class Encoder {
 public:
  static Result<Encoder> start(const std::string& description) {
    Owned<GError> error;
    auto pipeline = Ref<GstElement>::sink(gst_parse_launch(description.c_str(), error.out()));
    if (error)
      return Error{ErrorCode::kEnvironment,
                   std::string("cannot build the clip encoder: ") + error->message};
    return Encoder(std::move(pipeline));
  }
  Encoder(Encoder&&) noexcept = default;
  ~Encoder() {
    if (pipeline_)
      gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
  }

  void push(const RawFrame& frame) {
    GstBuffer* buffer = gst_buffer_new_memdup(frame.bytes.data(), frame.bytes.size());
    GST_BUFFER_PTS(buffer) = frame.pts;
    GST_BUFFER_DURATION(buffer) = frame.duration;
    gst_app_src_push_buffer(GST_APP_SRC(in_.get()), buffer);  // takes it; refused after an error
  }

  // The end of the input, then every packet of the output.
  Result<Done> drain(const std::function<void(GstBuffer*)>& take) {
    gst_app_src_end_of_stream(GST_APP_SRC(in_.get()));
    auto* out = GST_APP_SINK(out_.get());
    while (auto sample = Ref<GstSample>::adopt(gst_app_sink_pull_sample(out))) {
      if (GstBuffer* buffer = gst_sample_get_buffer(sample.get()))
        take(buffer);
      else if (GstBufferList* list = gst_sample_get_buffer_list(sample.get()))
        for (guint i = 0; i < gst_buffer_list_length(list); i++)
          take(gst_buffer_list_get(list, i));
    }
    return failure();
  }

 private:
  explicit Encoder(Ref<GstElement> pipeline)
      : pipeline_(std::move(pipeline)),
        in_(Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline_.get()), "in"))),
        out_(Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(pipeline_.get()), "out"))) {
    gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
  }
  Result<Done> failure() {
    auto bus = Ref<GstBus>::adopt(gst_element_get_bus(pipeline_.get()));
    auto message = Ref<GstMessage>::adopt(gst_bus_pop_filtered(bus.get(), GST_MESSAGE_ERROR));
    if (!message)
      return Done{};
    Owned<GError> error;
    gst_message_parse_error(message.get(), error.out(), nullptr);
    return Error{ErrorCode::kEnvironment,
                 std::string("the clip encoder failed: ") + error->message};
  }

  Ref<GstElement> pipeline_, in_, out_;
};

// VP8 payload descriptor (RFC 7741 4.2) and header: first partition of an intra frame.
bool startsKeyFrame(const std::vector<std::uint8_t>& rtp) {
  std::size_t at = kRtpHeaderBytes;
  if (rtp.size() < at + 2)
    return false;
  const std::uint8_t descriptor = rtp[at++];
  const bool starts_partition_0 = (descriptor & 0x17) == 0x10;
  if (descriptor & 0x80) {
    const std::uint8_t extension = rtp[at++];
    if (extension & 0x80)
      at += at < rtp.size() && (rtp[at] & 0x80) ? 2 : 1;
    at += (extension & 0x40) ? 1 : 0;
    at += (extension & 0x30) ? 1 : 0;
  }
  return starts_partition_0 && at < rtp.size() && (rtp[at] & 0x01) == 0;
}

// Opus packets are a frame apart whatever their time stamps say: the encoder takes its look-ahead
// off the first one.
GstClockTime timeOf(const ClipTrack& track, GstBuffer* buffer) {
  return track.kind == MediaKind::kAudio ? track.packets.size() * kOpusFrame_ms * GST_MSECOND
                                         : GST_BUFFER_PTS(buffer);
}

void append(ClipTrack& track, GstBuffer* buffer) {
  const GstClockTime time = timeOf(track, buffer);
  const Duration at(static_cast<std::int64_t>(time));
  if (at >= track.length)  // what an encoder flushes after its last frame
    return;
  ClipPacket packet;
  packet.at = at;
  packet.ticks = static_cast<std::uint32_t>(
      gst_util_uint64_scale_round(time, track.clock_rate_hz, GST_SECOND));
  packet.rtp.resize(gst_buffer_get_size(buffer));
  gst_buffer_extract(buffer, 0, packet.rtp.data(), packet.rtp.size());
  if (track.kind == MediaKind::kAudio ? track.packets.empty() : startsKeyFrame(packet.rtp))
    track.key_frames.push_back(track.packets.size());
  track.packets.push_back(std::move(packet));
}

Result<ClipTrack> finish(ClipTrack track, Encoder& encoder) {
  if (auto drained = encoder.drain([&track](GstBuffer* buffer) { append(track, buffer); });
      !drained)
    return drained.error();
  if (track.key_frames.empty() || track.key_frames.front() != 0)
    return Error{ErrorCode::kEnvironment,
                 std::string("the clip encoder gave no usable ") + toString(track.kind)};
  return track;
}

ClipTrack emptyTrack(MediaKind kind, unsigned clock_rate_hz) {
  ClipTrack track;
  track.kind = kind;
  track.clock_rate_hz = clock_rate_hz;
  track.length = kClipLength;
  track.length_ticks = static_cast<std::uint32_t>(clock_rate_hz * kClipLength.count());
  return track;
}

Result<ClipTrack> encodeVideo(const VideoProfile& profile) {
  if (profile.width_px < kFrameCounterMinWidth_px || profile.width_px % 8 != 0 ||
      profile.height_px < 64 || profile.height_px % 2 != 0)
    return Error{ErrorCode::kBadScenario,
                 "video of " + std::to_string(profile.width_px) + "x" +
                     std::to_string(profile.height_px) +
                     ": the width must be a multiple of 8 from 96 on, the height even from 64 on"};
  const auto rate = static_cast<unsigned>(profile.frames_per_s);
  auto encoder = Encoder::start(
      "appsrc name=in format=time block=true caps=\"video/x-raw,format=I420,width=" +
      std::to_string(profile.width_px) + ",height=" + std::to_string(profile.height_px) +
      ",framerate=" + std::to_string(rate) +
      "/1\" ! vp8enc deadline=1 cpu-used=8 threads=1 "
      "end-usage=cbr lag-in-frames=0 error-resilient=default target-bitrate=" +
      std::to_string(profile.bitrate_bps) +
      " keyframe-max-dist=" + std::to_string(rate * kKeyFrameInterval.count()) +
      " ! rtpvp8pay mtu=1200 ! appsink name=out sync=false");
  if (!encoder)
    return encoder.error();
  const auto frames = static_cast<unsigned>(rate * kClipLength.count());
  for (unsigned i = 0; i < frames; i++)
    encoder->push({drawTestPicture({profile.width_px, profile.height_px}, i, frames),
                   gst_util_uint64_scale(i, GST_SECOND, rate),
                   gst_util_uint64_scale(1, GST_SECOND, rate)});
  return finish(emptyTrack(MediaKind::kVideo, kVideoClock_hz), *encoder);
}

Result<ClipTrack> encodeAudio(const AudioProfile& profile) {
  auto encoder = Encoder::start(
      "appsrc name=in format=time block=true caps=\"audio/x-raw,format=S16LE,layout=interleaved,"
      "rate=48000,channels=1\" ! opusenc bitrate=" +
      std::to_string(profile.bitrate_bps) + " frame-size=" + std::to_string(kOpusFrame_ms) +
      " ! rtpopuspay ! appsink name=out sync=false");
  if (!encoder)
    return encoder.error();
  constexpr std::size_t kSamples = kToneSampleRate_hz * kOpusFrame_ms / 1'000;
  const auto frames = static_cast<std::size_t>(kClipLength / milliseconds(kOpusFrame_ms));
  for (std::size_t i = 0; i < frames; i++) {
    const auto pcm = drawTone(i * kSamples, kSamples);
    RawFrame frame{std::vector<std::uint8_t>(pcm.size() * sizeof pcm[0]),
                   i * kOpusFrame_ms * GST_MSECOND, kOpusFrame_ms * GST_MSECOND};
    std::memcpy(frame.bytes.data(), pcm.data(), frame.bytes.size());
    encoder->push(frame);
  }
  return finish(emptyTrack(MediaKind::kAudio, kOpusClock_hz), *encoder);
}

}  // namespace

std::vector<RequiredElement> clipElements() {
  return {{"appsrc", "gstreamer1.0-plugins-base"},    {"appsink", "gstreamer1.0-plugins-base"},
          {"opusenc", "gstreamer1.0-plugins-base"},   {"vp8enc", "gstreamer1.0-plugins-good"},
          {"rtpvp8pay", "gstreamer1.0-plugins-good"}, {"rtpopuspay", "gstreamer1.0-plugins-good"}};
}

Result<Clip> encodeClip(const MediaProfile& profile) {
  if (auto have = requireElements(clipElements()); !have)
    return have.error();
  Clip clip;
  if (profile.audio) {
    auto track = encodeAudio(*profile.audio);
    if (!track)
      return track.error();
    clip.tracks.push_back(*std::move(track));
  }
  if (profile.video) {
    auto track = encodeVideo(*profile.video);
    if (!track)
      return track.error();
    clip.tracks.push_back(*std::move(track));
  }
  return clip;
}

}  // namespace turnout
