// The clip: a few seconds of encoded test picture and tone, as RTP packets in memory. Made once per
// host and sent by every peer in a loop, so that no bot pays for an encoder. Immutable once made.
#pragma once

#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"
#include "pipelines/media/gst.h"
#include "pipelines/media/media_profile.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace turnout {

constexpr std::size_t kRtpHeaderBytes = 12;  // without contributing sources and extensions

struct ClipPacket {
  Duration at{0};           // since the start of the loop; equal for the packets of one frame
  std::uint32_t ticks = 0;  // RTP timestamp since the start of the loop
  std::vector<std::uint8_t>
      rtp;  // header (RFC 3550 5.1) and payload; the sender restamps the header
};

struct ClipTrack {
  MediaKind kind = MediaKind::kAudio;
  unsigned clock_rate_hz = 0;
  Duration length{0};
  std::uint32_t length_ticks = 0;
  std::vector<ClipPacket> packets;      // in order of `at`
  std::vector<std::size_t> key_frames;  // first packet of each frame that needs no other; [0] is 0
};

struct Clip {
  std::vector<ClipTrack> tracks;  // of each kind of the profile, audio first

  const ClipTrack* of(MediaKind kind) const {  // null where there is none
    for (const ClipTrack& track : tracks)
      if (track.kind == kind)
        return &track;
    return nullptr;
  }
};

inline constexpr std::chrono::seconds kClipLength{4};
inline constexpr std::chrono::seconds kKeyFrameInterval{1};

std::vector<RequiredElement> clipElements();

// Blocks while it encodes: well under a second at 320x240. startGst() first. Errors: kEnvironment
// (an element is missing or fails), kBadScenario (a size that cannot be encoded).
Result<Clip> encodeClip(const MediaProfile& profile);

}  // namespace turnout
