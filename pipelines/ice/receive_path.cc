#include "pipelines/ice/receive_path.h"

#include <utility>

namespace turnout {
namespace {

// Enough for the queue to have been unblocked and drained at least once.
constexpr unsigned kPacketsThroughQueue = 8;

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

void ReceivePath::stopReceiveQueue() {
  const auto caps_sink = Ref<GstPad>::adopt(gst_pad_get_peer(pad_));
  if (!caps_sink)
    return;
  const auto caps = Ref<GstElement>::adopt(gst_pad_get_parent_element(caps_sink.get()));
  const auto caps_src = Ref<GstPad>::adopt(gst_element_get_static_pad(caps.get(), "src"));
  const auto queue_sink = Ref<GstPad>::adopt(caps_src ? gst_pad_get_peer(caps_src.get()) : nullptr);
  if (!queue_sink)
    return;
  const auto queue = Ref<GstElement>::adopt(gst_pad_get_parent_element(queue_sink.get()));
  const auto queue_src = Ref<GstPad>::adopt(gst_element_get_static_pad(queue.get(), "src"));
  guint level = 1;
  g_object_get(queue.get(), "current-level-buffers", &level, nullptr);
  if (level > 0 || gst_pad_is_blocked(queue_src.get()))
    return;  // try again with the next packet
  auto decoder = Ref<GstPad>::adopt(gst_pad_get_peer(queue_src.get()));
  if (!decoder)
    return;
  gst_element_set_locked_state(queue.get(), TRUE);
  gst_element_set_state(queue.get(), GST_STATE_NULL);
  decoder_ = std::move(decoder);
  moved_ = true;
  move_to_media_();
}

void ReceivePath::onPacket(const char* data, std::size_t size) {
  if (!source_ || muted_.load(std::memory_order_relaxed))
    return;
  if (!announced_)
    announceStream();
  GstBuffer* buffer = gst_buffer_new_memdup(data, size);
  const GstClockTime running = gst_util_get_timestamp() - gst_element_get_base_time(source_);
  GST_BUFFER_PTS(buffer) = GST_BUFFER_DTS(buffer) = running;
  if (!decoder_ && ++pushed_ > kPacketsThroughQueue)
    stopReceiveQueue();
  if (decoder_)
    gst_pad_chain(decoder_.get(), buffer);
  else
    gst_pad_push(pad_, buffer);
}

}  // namespace turnout
