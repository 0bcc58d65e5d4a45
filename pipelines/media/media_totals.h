// What one peer connection sent and received, in figures: a track per kind and direction, never
// pooled. Values only. Packets are RTP packets, bytes their header and payload before SRTP.
//
// Loss between two ends needs the totals of both: what the one sent less what the other received.
// mediaLossOf() of bots/timeline/media_loss.h does that for two reports.
#pragma once

#include "pipelines/base/clock.h"
#include "pipelines/media/media_profile.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

namespace turnout {

struct SentTotals {
  std::uint64_t packets = 0;  // given to webrtcbin: what the network drops is counted too
  std::uint64_t bytes = 0;
  std::uint64_t key_frames = 0;          // of video
  std::uint64_t key_frame_requests = 0;  // of the far end (PLI, RFC 4585 6.3.1)
  std::uint16_t first_sequence = 0;      // of the first packet
  std::optional<Instant> first, last;    // when packets went; absent: none did
};

struct ReceivedTotals {
  std::uint64_t packets = 0;  // each once
  std::uint64_t bytes = 0;
  std::uint64_t lost = 0;        // missing between the first packet and the highest (RFC 3550 A.3)
  std::uint64_t duplicates = 0;  // came again: in neither packets nor bytes
  std::uint64_t reordered = 0;   // came after one with a higher sequence number
  std::uint16_t first_sequence = 0;
  std::optional<Instant> first, last;
  Duration longest_gap{0};  // without a packet, after the first; the one that lasts included
  Instant gap_began;        // the last packet before it
  std::optional<double> jitter_ms;          // RFC 3550 6.4.1, of the stream that had a packet last
  std::optional<double> bitrate_bps;        // from the first packet to the last
  std::optional<double> bitrate_variation;  // of whole seconds: standard deviation / mean
};

struct TrackTotals {
  MediaKind kind = MediaKind::kAudio;
  bool sends = false, receives = false;  // what was negotiated at any time so far
  SentTotals sent;
  ReceivedTotals received;
};

struct MediaTotals {
  std::vector<TrackTotals> tracks;  // of every kind that was offered by either end
  Instant last_received;  // of any kind of media; before the first packet: the epoch of Instant

  TrackTotals of(MediaKind kind) const {  // zeros where there is no such track
    const auto found = std::find_if(tracks.begin(), tracks.end(),
                                    [kind](const TrackTotals& each) { return each.kind == kind; });
    return found == tracks.end() ? TrackTotals{.kind = kind, .sent = {}, .received = {}} : *found;
  }
};

}  // namespace turnout
