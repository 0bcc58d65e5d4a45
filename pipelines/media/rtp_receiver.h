// The end of all received RTP of one peer: bare sink pads that count and drop, without an element or
// a thread of their own. Also the element that stands in for a jitter buffer on the way there.
//
// Threads: accept() and the counting on streaming threads, totals on any, the watch on the owner's
// loop. Shared between the peer and webrtcbin's pad-added handler.
#pragma once

#include "pipelines/media/gst.h"
#include "pipelines/media/rtp_meter.h"

#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

namespace turnout {

// Passes everything on at once, without the two threads a jitter buffer has (measured: 20 % less CPU
// and 4 threads less per peer with two received streams). A GStreamer element, because rtpbin's
// "request-jitterbuffer" wants one; it has the properties that rtpbin and webrtcbin 1.22 set on
// whatever they get.
Ref<GstElement> makeNoJitterBuffer();

class RtpReceiver {
 public:
  struct Listener {                                 // on streaming threads: copy and post
    std::function<void(MediaKind, Instant)> first;  // packet of that kind
    std::function<void(MediaKind, Instant, Duration silence)> back;  // after one that was told
    // Sees the bytes of every packet; may be empty.
    std::function<void(MediaKind, std::span<const std::uint8_t>)> tap;
  };

  // `silence`: how long nothing of a kind must have come before checkSilence() tells it.
  RtpReceiver(Duration silence, Listener listener);
  ~RtpReceiver();  // after the sources are gone
  RtpReceiver(const RtpReceiver&) = delete;
  RtpReceiver& operator=(const RtpReceiver&) = delete;

  void accept(GstPad* source);  // links a sink pad to it
  void requestKeyFrame();       // of every video stream there is; owner's loop

  ReceivedTotals totals(MediaKind kind) const { return track(kind).meter.totals(now()); }
  MediaWatch::Verdict checkSilence(MediaKind kind, Instant at) {
    return track(kind).watch.check(at);
  }
  std::optional<Instant> lastReceived() const;  // of any kind

 private:
  struct Stream;  // one pad
  struct Track {
    RtpMeter meter;
    MediaWatch watch;
  };
  static gboolean onEvent(GstPad* pad, GstObject* parent, GstEvent* event);
  static gboolean onQuery(GstPad* pad, GstObject* parent, GstQuery* query);
  static GstFlowReturn onBuffer(GstPad* pad, GstObject* parent, GstBuffer* buffer);
  void count(Stream& stream, std::span<const std::uint8_t> rtp);
  Track& track(MediaKind kind) { return kind == MediaKind::kAudio ? audio_ : video_; }
  const Track& track(MediaKind kind) const { return kind == MediaKind::kAudio ? audio_ : video_; }

  const Listener listener_;
  Track audio_, video_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Stream>> streams_;  // under the mutex
};

}  // namespace turnout
