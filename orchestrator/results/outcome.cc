#include "orchestrator/results/outcome.h"

#include <algorithm>

namespace turnout {

MediaSums& operator+=(MediaSums& sum, const MediaSums& part) {
  sum.sent_packets += part.sent_packets;
  sum.received_packets += part.received_packets;
  sum.lost_packets += part.lost_packets;
  sum.sent_bytes += part.sent_bytes;
  sum.received_bytes += part.received_bytes;
  sum.longest_gap_ms = std::max(sum.longest_gap_ms, part.longest_gap_ms);
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
