#include "pipelines/ice/agent/receive_path.h"

#include <utility>

namespace turnout {
namespace {

// Those of the DTLS handshake at least: webrtcbin is done with building by then.
constexpr unsigned kPacketsThroughQueue = 8;

// RFC 5764 5.1.2 and RFC 5761 4: neither DTLS nor RTCP.
bool isRtp(const char* data, std::size_t size) {
  if (size < 2)
    return false;
  const auto first = static_cast<unsigned char>(data[0]);
  const auto second = static_cast<unsigned char>(data[1]);
  return first >= 128 && first <= 191 && (second < 192 || second > 223);
}

}  // namespace

ReceivePath::ReceivePath(LoopThread& control, LoopThread& media,
                         std::function<void()> move_to_media)
    : control_(control), media_(media), move_to_media_(std::move(move_to_media)) {}

void ReceivePath::attach(GstElement* source, GstPad* pad) {
  control_.sync([&] {
    source_ = source;
    pad_ = pad;
    announced_ = false;
  });
}

void ReceivePath::detach() {
  const auto forget = [this] {
    source_ = nullptr;
    pad_ = nullptr;
    decoder_.reset();
    queue_.reset();
  };
  // Moving happens on the control thread, so after a turn there `moved_` is settled.
  bool moved = false;
  control_.sync([&] {
    moved = moved_;
    if (!moved)
      forget();
  });
  if (moved)
    media_.sync(forget);
}

void ReceivePath::announceStream() {
  announced_ = true;
  gst_pad_push_event(pad_, gst_event_new_stream_start("ice"));
  GstCaps* caps = gst_caps_new_empty_simple("application/x-rtp");
  gst_pad_push_event(pad_, gst_event_new_caps(caps));
  gst_caps_unref(caps);
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  gst_pad_push_event(pad_, gst_event_new_segment(&segment));
}

void ReceivePath::findReceiveQueue() {
  left_queue_ = std::make_shared<std::atomic<unsigned>>(0);
  const auto caps_sink = Ref<GstPad>::adopt(gst_pad_get_peer(pad_));
  if (!caps_sink)
    return;
  const auto caps = Ref<GstElement>::adopt(gst_pad_get_parent_element(caps_sink.get()));
  const auto caps_src = Ref<GstPad>::adopt(gst_element_get_static_pad(caps.get(), "src"));
  const auto queue_sink = Ref<GstPad>::adopt(caps_src ? gst_pad_get_peer(caps_src.get()) : nullptr);
  if (!queue_sink)
    return;
  queue_ = Ref<GstElement>::adopt(gst_pad_get_parent_element(queue_sink.get()));
  const auto queue_src = Ref<GstPad>::adopt(gst_element_get_static_pad(queue_.get(), "src"));
  using Count = std::shared_ptr<std::atomic<unsigned>>;
  gst_pad_add_probe(
      queue_src.get(), GST_PAD_PROBE_TYPE_BUFFER,
      [](GstPad*, GstPadProbeInfo*, gpointer data) {
        ++**static_cast<Count*>(data);
        return GST_PAD_PROBE_OK;
      },
      new Count(left_queue_), [](gpointer data) { delete static_cast<Count*>(data); });
}

void ReceivePath::stopReceiveQueue() {
  if (!queue_ || *left_queue_ < queued_)
    return;  // try again with the next packet
  const auto queue_src = Ref<GstPad>::adopt(gst_element_get_static_pad(queue_.get(), "src"));
  auto decoder = Ref<GstPad>::adopt(gst_pad_get_peer(queue_src.get()));
  if (!decoder)
    return;
  gst_element_set_locked_state(queue_.get(), TRUE);
  gst_element_set_state(queue_.get(), GST_STATE_NULL);  // waits for its thread
  queue_.reset();
  decoder_ = std::move(decoder);
  moved_ = true;
  move_to_media_();
}

void ReceivePath::onPacket(const char* data, std::size_t size, unsigned generation) {
  if (!source_)
    return;
  if (isRtp(data, size))
    rtp_generation_ = generation;
  if (!announced_) {
    announceStream();
    findReceiveQueue();
  }
  GstBuffer* buffer = gst_buffer_new_memdup(data, size);
  const GstClockTime running = gst_util_get_timestamp() - gst_element_get_base_time(source_);
  GST_BUFFER_PTS(buffer) = GST_BUFFER_DTS(buffer) = running;
  if (!decoder_ && queued_ >= kPacketsThroughQueue)
    stopReceiveQueue();
  if (decoder_) {
    gst_pad_chain(decoder_.get(), buffer);
  } else {
    queued_++;
    gst_pad_push(pad_, buffer);
  }
}

}  // namespace turnout
