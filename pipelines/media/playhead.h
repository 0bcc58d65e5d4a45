// Where one sender is in a track of the clip, and how the clip's packets become its own RTP stream:
// sequence numbers and timestamps run on without a break over loops and key frame jumps
// (RFC 3550 5.1). Pure; one thread.
#pragma once

#include "pipelines/base/clock.h"
#include "pipelines/media/clip.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace turnout {

struct RtpIdentity {
  std::uint32_t ssrc = 0;  // the first sequence number and timestamp are derived from it
  std::uint8_t payload_type = 0;
};

class Playhead {
 public:
  // The track must outlive it. It starts at `start` with the first packet, which is a key frame.
  Playhead(const ClipTrack& track, RtpIdentity identity, Instant start);

  Instant due() const { return origin_ + track_->packets[next_].at; }
  std::size_t nextSize() const { return track_->packets[next_].rtp.size(); }
  bool atKeyFrame() const;
  bool atFrameStart() const;

  std::uint16_t sequence() const { return sequence_; }  // of the packet that is due

  // Writes the packet that is due, nextSize() bytes, and moves on.
  void write(std::uint8_t* rtp);

  // The frame that is due next is replaced by the next key frame of the clip, at the same instant.
  // Only at the start of a frame.
  void jumpToKeyFrame();

  // After a pause: goes on at `at` with the next key frame. Sequence numbers run on, timestamps have
  // run meanwhile.
  void resumeAt(Instant at);

 private:
  std::size_t nextKeyFrame() const;
  void continueAt(std::size_t packet, Instant at, std::uint32_t timestamp);

  const ClipTrack* track_;
  RtpIdentity identity_;
  std::uint16_t sequence_;
  std::size_t next_ = 0;
  Instant origin_;                  // instant of the start of the current pass through the clip
  std::uint32_t origin_timestamp_;  // RTP timestamp of the same moment
};

}  // namespace turnout
