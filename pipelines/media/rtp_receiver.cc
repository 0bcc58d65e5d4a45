#include "pipelines/media/rtp_receiver.h"

#include <atomic>
#include <cstdint>
#include <utility>

namespace turnout {
namespace {
constexpr double kOpusClockHz = 48'000, kVideoClockHz = 90'000;  // RFC 7587 4.1, RFC 7741 4.1

std::uint32_t timestampOf(std::span<const std::uint8_t> rtp) {
  return std::uint32_t{rtp[4]} << 24 | std::uint32_t{rtp[5]} << 16 | std::uint32_t{rtp[6]} << 8 |
         std::uint32_t{rtp[7]};
}

}  // namespace

struct RtpReceiver::Stream {
  RtpReceiver* receiver = nullptr;
  std::atomic<MediaKind> kind{MediaKind::kAudio};  // the caps, which precede any packet, tell
  SequenceTracker sequence;
  Jitter jitter;
  std::uint64_t lost = 0;
  Ref<GstPad> source, sink;
};

RtpReceiver::RtpReceiver(OnFirst on_first, Tap tap)
    : on_first_(std::move(on_first)), tap_(std::move(tap)) {}

RtpReceiver::~RtpReceiver() {
  for (const auto& stream : streams_) {
    gst_pad_set_active(stream->sink.get(), FALSE);
    gst_pad_unlink(stream->source.get(), stream->sink.get());
  }
}

void RtpReceiver::accept(GstPad* source) {
  auto stream = std::make_unique<Stream>();
  stream->receiver = this;
  stream->source = Ref<GstPad>::share(source);
  stream->sink = Ref<GstPad>::sink(gst_pad_new(nullptr, GST_PAD_SINK));
  GstPad* sink = stream->sink.get();
  gst_pad_set_element_private(sink, stream.get());
  gst_pad_set_event_function(sink, onEvent);
  gst_pad_set_query_function(sink, onQuery);
  gst_pad_set_chain_function(sink, onBuffer);
  gst_pad_set_active(sink, TRUE);
  {
    const std::lock_guard lock(mutex_);
    streams_.push_back(std::move(stream));
  }
  // The pad has no parent, which the usual link checks refuse.
  gst_pad_link_full(source, sink, GST_PAD_LINK_CHECK_NOTHING);
}

void RtpReceiver::requestKeyFrame() {
  std::vector<Ref<GstPad>> sinks;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& stream : streams_)
      if (stream->kind == MediaKind::kVideo)
        sinks.push_back(stream->sink);
  }
  for (const auto& sink : sinks)  // unlocked: the event goes all the way up to the sender of RTCP
    gst_pad_push_event(
        sink.get(),
        gst_event_new_custom(GST_EVENT_CUSTOM_UPSTREAM,
                             gst_structure_new("GstForceKeyUnit", "all-headers", G_TYPE_BOOLEAN,
                                               FALSE, "count", G_TYPE_UINT, 0u, nullptr)));
}

gboolean RtpReceiver::onEvent(GstPad* pad, GstObject*, GstEvent* event) {
  if (GST_EVENT_TYPE(event) == GST_EVENT_CAPS) {
    GstCaps* caps = nullptr;
    gst_event_parse_caps(event, &caps);
    const char* media = gst_structure_get_string(gst_caps_get_structure(caps, 0), "media");
    auto* stream = static_cast<Stream*>(gst_pad_get_element_private(pad));
    stream->kind = g_strcmp0(media, "video") == 0 ? MediaKind::kVideo : MediaKind::kAudio;
  }
  gst_event_unref(event);
  return TRUE;
}

// Takes anything. By default a pad takes what it has got, with the SSRC of the far end, and
// webrtcbin, which wants to send and receive the same caps in one section, could make no second
// offer.
gboolean RtpReceiver::onQuery(GstPad* pad, GstObject* parent, GstQuery* query) {
  if (GST_QUERY_TYPE(query) != GST_QUERY_CAPS)
    return gst_pad_query_default(pad, parent, query);
  GstCaps* filter = nullptr;
  gst_query_parse_caps(query, &filter);
  const auto any = filter ? Ref<GstCaps>::share(filter) : Ref<GstCaps>::adopt(gst_caps_new_any());
  gst_query_set_caps_result(query, any.get());
  return TRUE;
}

GstFlowReturn RtpReceiver::onBuffer(GstPad* pad, GstObject*, GstBuffer* buffer) {
  auto* stream = static_cast<Stream*>(gst_pad_get_element_private(pad));
  GstMapInfo map;
  if (gst_buffer_map(buffer, &map, GST_MAP_READ)) {
    if (map.size >= kRtpHeaderBytes)
      stream->receiver->count(*stream, {map.data, map.size});
    gst_buffer_unmap(buffer, &map);
  }
  gst_buffer_unref(buffer);
  return GST_FLOW_OK;
}

void RtpReceiver::count(Stream& stream, std::span<const std::uint8_t> rtp) {
  const Instant at = now();
  silence_.add(at);
  stream.sequence.add(static_cast<std::uint16_t>(rtp[2] << 8 | rtp[3]));
  const std::uint64_t lost = stream.sequence.lost();
  const auto lost_more = static_cast<std::int64_t>(lost - std::exchange(stream.lost, lost));
  const MediaKind kind = stream.kind;
  const bool is_audio = kind == MediaKind::kAudio;
  stream.jitter.add(at, timestampOf(rtp), is_audio ? kOpusClockHz : kVideoClockHz);
  (is_audio ? audio_steadiness_ : video_steadiness_).add(at, rtp.size(), stream.jitter.ms());
  if ((is_audio ? audio_ : video_).add(rtp.size(), lost_more))
    on_first_(kind, at);
  if (tap_)
    tap_(kind, rtp);
}

ReceivedTotals RtpReceiver::totals(MediaKind kind) const {
  return (kind == MediaKind::kAudio ? audio_ : video_).totals();
}

}  // namespace turnout
