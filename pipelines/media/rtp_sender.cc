#include "pipelines/media/rtp_sender.h"

#include "pipelines/base/result.h"

#include <string>
#include <utility>

namespace turnout {

RtpSender::RtpSender(const ClipTrack& track, RtpIdentity identity)
    : track_(track), identity_(identity) {}

RtpSender::~RtpSender() {
  detach();
}

void RtpSender::attach(Ref<GstPad> sink, GstCaps* caps) {
  TURNOUT_CHECK(!source_, "a sender is attached once");
  sink_ = std::move(sink);
  source_ = Ref<GstPad>::sink(gst_pad_new(nullptr, GST_PAD_SRC));
  gst_pad_set_element_private(source_.get(), this);
  gst_pad_set_event_function(source_.get(), onEvent);
  gst_pad_set_active(source_.get(), TRUE);
  // The pad has no parent, which the usual link checks refuse.
  gst_pad_link_full(source_.get(), sink_.get(), GST_PAD_LINK_CHECK_NOTHING);

  const std::string stream_id = "rtp-" + std::to_string(identity_.ssrc);
  gst_pad_push_event(source_.get(), gst_event_new_stream_start(stream_id.c_str()));
  gst_pad_push_event(source_.get(), gst_event_new_caps(caps));
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  gst_pad_push_event(source_.get(), gst_event_new_segment(&segment));
}

bool RtpSender::begin(Instant start, GstClockTime base_time) {
  const std::lock_guard lock(mutex_);
  base_time_ = base_time;
  if (std::exchange(is_paused_, false) && playhead_)
    playhead_->resumeAt(start);
  else
    playhead_.emplace(track_, identity_, start);
  return !std::exchange(has_pacer_, true);
}

void RtpSender::pause() {
  const std::lock_guard lock(mutex_);
  is_paused_ = true;
}

void RtpSender::detach() {
  const std::lock_guard lock(mutex_);
  playhead_.reset();
  if (!source_)
    return;
  gst_pad_set_active(source_.get(), FALSE);
  gst_pad_unlink(source_.get(), sink_.get());
  source_.reset();
  sink_.reset();
}

std::optional<Instant> RtpSender::advance(Instant at) {
  const std::lock_guard lock(mutex_);
  while (playhead_ && !is_paused_ && playhead_->due() <= at) {
    if (playhead_->atFrameStart())
      answerKeyFrameRequest(at);
    push(at);
  }
  has_pacer_ = playhead_ && !is_paused_;
  return has_pacer_ ? std::optional(playhead_->due()) : std::nullopt;
}

void RtpSender::answerKeyFrameRequest(Instant at) {
  if (at - last_jump_ < kKeyFrameSpacing || !key_frame_wanted_.exchange(false))
    return;
  last_jump_ = at;
  playhead_->jumpToKeyFrame();
}

void RtpSender::push(Instant at) {
  const std::size_t size = playhead_->nextSize();
  const std::uint16_t sequence = playhead_->sequence();
  const bool is_key_frame = track_.kind == MediaKind::kVideo && playhead_->atKeyFrame();
  GstBuffer* buffer = gst_buffer_new_allocate(nullptr, size, nullptr);
  GstMapInfo map;
  gst_buffer_map(buffer, &map, GST_MAP_WRITE);
  playhead_->write(map.data);
  gst_buffer_unmap(buffer, &map);
  GST_BUFFER_PTS(buffer) = GST_BUFFER_DTS(buffer) =
      static_cast<GstClockTime>(toNs(at)) - base_time_;
  if (gst_pad_push(source_.get(), buffer) != GST_FLOW_OK) {  // the far side of the pad is going
    playhead_.reset();
    return;
  }
  const std::lock_guard lock(totals_mutex_);
  if (totals_.packets++ == 0) {
    totals_.first = at;
    totals_.first_sequence = sequence;
  }
  totals_.bytes += size;
  totals_.key_frames += is_key_frame ? 1 : 0;
  totals_.last = at;
}

SentTotals RtpSender::totals() const {
  const std::lock_guard lock(totals_mutex_);
  SentTotals totals = totals_;
  totals.key_frame_requests = key_frame_requests_.load(std::memory_order_relaxed);
  return totals;
}

gboolean RtpSender::onEvent(GstPad* pad, GstObject*, GstEvent* event) {
  auto* self = static_cast<RtpSender*>(gst_pad_get_element_private(pad));
  const GstStructure* about = gst_event_get_structure(event);
  if (GST_EVENT_TYPE(event) == GST_EVENT_CUSTOM_UPSTREAM && about &&
      gst_structure_has_name(about, "GstForceKeyUnit")) {
    self->key_frame_requests_.fetch_add(1, std::memory_order_relaxed);
    self->key_frame_wanted_ = true;
  }
  gst_event_unref(event);
  return TRUE;
}

}  // namespace turnout
