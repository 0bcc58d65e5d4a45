// One outgoing RTP stream of one peer: a Playhead that pushes into a sink pad, without an element
// or a thread of its own. Key frame requests that come back up the pad (RFC 4585 6.3.1, RFC
// 5104 4.3.1; GstForceKeyUnit in GStreamer) make it jump to the clip's next key frame.
//
// Threads: attach() and detach() on the owner's loop; advance() on the pacer's; requests arrive on
// any streaming thread; totals on any.
#pragma once

#include "pipelines/media/gst.h"
#include "pipelines/media/media_totals.h"
#include "pipelines/media/pacer.h"
#include "pipelines/media/playhead.h"

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>

namespace turnout {

class RtpSender final : public PacedStream {
 public:
  // The track must outlive it. `sink` takes application/x-rtp; `caps` are announced at once,
  // packets follow when a pacer calls advance(), timed against `base_time` of the sink's pipeline.
  RtpSender(const ClipTrack& track, RtpIdentity identity);
  ~RtpSender() override;
  RtpSender(const RtpSender&) = delete;
  RtpSender& operator=(const RtpSender&) = delete;

  void attach(Ref<GstPad> sink, GstCaps* caps);
  // Sends from `start` on, for the first time or after pause(). True: give it to a pacer; false: one
  // has it still. `base_time` as above.
  bool begin(Instant start, GstClockTime base_time);
  void pause();  // no push will start after it returned
  // No push is running or will start after it returned. When the sink's element is already in NULL
  // it cannot wait long; else it waits for a push that may be under way.
  void detach();

  std::optional<Instant> advance(Instant at) override;
  SentTotals totals() const;

 private:
  static constexpr Duration kKeyFrameSpacing = milliseconds(500);
  static gboolean onEvent(GstPad* pad, GstObject* parent, GstEvent* event);
  void answerKeyFrameRequest(Instant at);
  void push(Instant at);

  const ClipTrack& track_;
  const RtpIdentity identity_;
  std::mutex mutex_;  // held during a push
  Ref<GstPad> source_, sink_;
  std::optional<Playhead> playhead_;  // once begun, until the far side of the pad is gone
  bool is_paused_ = false, has_pacer_ = false;
  GstClockTime base_time_ = 0;
  Instant last_jump_{};
  std::atomic<bool> key_frame_wanted_{false};
  std::atomic<std::uint64_t> key_frame_requests_{0};
  mutable std::mutex totals_mutex_;  // held for some ns: totals() must not wait for a push
  SentTotals totals_;
};

}  // namespace turnout
