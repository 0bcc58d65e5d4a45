#include "pipelines/media/rtp_receiver.h"

#include "pipelines/media/clip.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <utility>

namespace turnout {
namespace {

constexpr double kOpusRtpClock_hz = 48'000, kVp8Clock_hz = 90'000;  // RFC 7587 4.1, RFC 7741 4.1

// rtpbin sets "latency" and webrtcbin "do-retransmission" without asking whether they exist.
enum Property : guint { kLatency = 1, kDoRetransmission };

GstFlowReturn passOn(GstPad*, GstObject* parent, GstBuffer* buffer) {
  auto* source = static_cast<GstPad*>(GST_ELEMENT_CAST(parent)->srcpads->data);
  return gst_pad_push(source, buffer);
}

void addPads(GTypeInstance* instance, gpointer klass) {
  auto* element = reinterpret_cast<GstElement*>(instance);
  for (const char* name : {"sink", "src"}) {
    GstPad* pad = gst_pad_new_from_template(
        gst_element_class_get_pad_template(static_cast<GstElementClass*>(klass), name), name);
    if (gst_pad_get_direction(pad) == GST_PAD_SINK)
      gst_pad_set_chain_function(pad, passOn);
    GST_PAD_SET_PROXY_CAPS(pad);
    GST_PAD_SET_PROXY_ALLOCATION(pad);
    gst_element_add_pad(element, pad);
  }
}

void describe(gpointer klass, gpointer) {
  auto* element = static_cast<GstElementClass*>(klass);
  gst_element_class_add_pad_template(
      element, gst_pad_template_new("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_CAPS_ANY));
  gst_element_class_add_pad_template(
      element, gst_pad_template_new("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_CAPS_ANY));
  gst_element_class_set_static_metadata(element, "No jitter buffer", "Filter/Network/RTP",
                                        "Passes RTP on at once", "turnout");
  auto* object = static_cast<GObjectClass*>(klass);
  object->set_property = [](GObject*, guint, const GValue*, GParamSpec*) {};
  const auto flags = static_cast<GParamFlags>(G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_property(
      object, kLatency, g_param_spec_uint("latency", "", "Ignored", 0, G_MAXUINT, 0, flags));
  g_object_class_install_property(
      object, kDoRetransmission,
      g_param_spec_boolean("do-retransmission", "", "Ignored", FALSE, flags));
}

GType noJitterBufferType() {
  static const GType type = g_type_register_static_simple(
      GST_TYPE_ELEMENT, "TurnoutNoJitterBuffer", sizeof(GstElementClass), describe,
      sizeof(GstElement), addPads, static_cast<GTypeFlags>(0));
  return type;
}

}  // namespace

Ref<GstElement> makeNoJitterBuffer() {
  return Ref<GstElement>::sink(
      static_cast<GstElement*>(g_object_new(noJitterBufferType(), nullptr)));
}

struct RtpReceiver::Stream {
  RtpReceiver* receiver = nullptr;
  std::atomic<MediaKind> kind{MediaKind::kAudio};  // the caps, which precede any packet, tell
  StreamMeter meter;
  Ref<GstPad> source, sink;
};

RtpReceiver::RtpReceiver(Duration silence, Listener listener)
    : listener_(std::move(listener)),
      audio_{RtpMeter(kOpusRtpClock_hz), MediaWatch(silence)},
      video_{RtpMeter(kVp8Clock_hz), MediaWatch(silence)} {}

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
  const MediaKind kind = stream.kind;
  Track& to = track(kind);
  if (const auto silence = to.watch.packet(at))
    listener_.back(kind, at, *silence);
  if (to.meter.add(stream.meter, at, rtp))
    listener_.first(kind, at);
  if (listener_.tap)
    listener_.tap(kind, rtp);
}

std::optional<Instant> RtpReceiver::lastReceived() const {
  return std::max(audio_.watch.last(), video_.watch.last());  // no packet is before any
}

}  // namespace turnout
