// The end of all received RTP of one peer: bare sink pads that count and drop. No element and no
// thread of its own.
//
// Threads: accept() and the counting on streaming threads, totals on any. Shared between the peer
// and webrtcbin's pad-added handler.
#pragma once

#include "pipelines/media/gst_ref.h"
#include "pipelines/media/media_profile.h"
#include "pipelines/media/rtp_meter.h"
#include "pipelines/media/steadiness.h"

#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

namespace turnout {

class RtpReceiver {
 public:
  using OnFirst = std::function<void(MediaKind, Instant)>;  // on a streaming thread: copy and post
  // Sees the bytes of every packet, on a streaming thread; may be empty.
  using Tap = std::function<void(MediaKind, std::span<const std::uint8_t>)>;

  RtpReceiver(OnFirst on_first, Tap tap);
  ~RtpReceiver();  // after the sources are gone
  RtpReceiver(const RtpReceiver&) = delete;
  RtpReceiver& operator=(const RtpReceiver&) = delete;

  void accept(GstPad* source);  // links a sink pad to it
  void requestKeyFrame();       // of every video stream there is; owner's loop

  ReceivedTotals totals(MediaKind kind) const;
  const Steadiness& steadiness(MediaKind kind) const {
    return kind == MediaKind::kAudio ? audio_steadiness_ : video_steadiness_;
  }
  Duration longestSilence() const { return silence_.longest(now()); }
  Instant lastReceived() const { return silence_.last(); }

 private:
  struct Stream;  // one pad
  static gboolean onEvent(GstPad* pad, GstObject* parent, GstEvent* event);
  static gboolean onQuery(GstPad* pad, GstObject* parent, GstQuery* query);
  static GstFlowReturn onBuffer(GstPad* pad, GstObject* parent, GstBuffer* buffer);
  void count(Stream& stream, std::span<const std::uint8_t> rtp);

  const OnFirst on_first_;
  const Tap tap_;
  RtpMeter audio_, video_;
  Steadiness audio_steadiness_, video_steadiness_;
  SilenceMeter silence_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Stream>> streams_;  // under the mutex
};

}  // namespace turnout
