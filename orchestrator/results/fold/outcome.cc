#include "orchestrator/results/fold/outcome.h"

#include <algorithm>

namespace turnout {

std::string wayText(const FlowKey& flow) {
  return std::string(toString(flow.kind)) + " from bot " + std::to_string(flow.from) + " to bot " +
         std::to_string(flow.to);
}

std::string wayText(const OneWayMedia& media) {
  const std::string kind = toString(media.kind);
  const std::string why =
      media.has_codec ? "" : std::string(", which has no ") + codecName(media.kind);
  if (media.sends || media.receives)
    return media.sends ? "no " + kind + " from the other end"
                       : "no " + kind + " to the other end" + why;
  return "no " + kind + " to or from the other end" + why;
}

MediaSums& operator+=(MediaSums& sum, const MediaSums& part) {
  sum.sent_packets += part.sent_packets;
  sum.received_packets += part.received_packets;
  sum.lost_packets += part.lost_packets;
  sum.sent_bytes += part.sent_bytes;
  sum.received_bytes += part.received_bytes;
  sum.longest_gap_ms = std::max(sum.longest_gap_ms, part.longest_gap_ms);
  sum.jitters_ms.insert(sum.jitters_ms.end(), part.jitters_ms.begin(), part.jitters_ms.end());
  sum.bitrate_variations.insert(sum.bitrate_variations.end(), part.bitrate_variations.begin(),
                                part.bitrate_variations.end());
  return sum;
}

MessageSums& operator+=(MessageSums& sum, const MessageSums& part) {
  sum.sent += part.sent;
  sum.answered += part.answered;
  sum.round_trips_ms.insert(sum.round_trips_ms.end(), part.round_trips_ms.begin(),
                            part.round_trips_ms.end());
  return sum;
}

std::vector<MediaKind> configuredKinds(const MediaProfile& media) {
  std::vector<MediaKind> kinds;
  if (media.audio)
    kinds.push_back(MediaKind::kAudio);
  if (media.video)
    kinds.push_back(MediaKind::kVideo);
  return kinds;
}

}  // namespace turnout
