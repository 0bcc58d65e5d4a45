// Tells when received media stops and when it is back. W3C's "disconnected" is what the silence
// stands for: webrtcbin never reports it. One atomic, so that packets cost nothing to speak of, and
// whoever watches needs a timer per limit, not per packet.
//
// Threads: packet() on the one that receives, check() on one other.
#pragma once

#include "pipelines/base/clock.h"

#include <atomic>
#include <cstdint>
#include <optional>

namespace turnout {

class MediaWatch {
 public:
  explicit MediaWatch(Duration limit) : limit_(limit) {}

  // RTP or RTCP came. The length of the silence, when this packet ends one that check() told.
  std::optional<Duration> packet(Instant at);

  struct Verdict {
    std::optional<Instant> silent_since;  // the last packet: told once per silence
    Instant next;                         // ask again then
  };
  Verdict check(Instant at);  // the watch begins with the first packet

 private:
  const Duration limit_;
  std::atomic<std::int64_t> last_ns_{0};  // 0: none yet; negative: silence was told
};

}  // namespace turnout
