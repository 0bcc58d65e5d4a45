// How an agent behaves in time. Two named sets exist so that figures can be compared; every result
// names the one that made it.
#pragma once

#include "pipelines/base/clock.h"

#include <optional>
#include <string>
#include <string_view>

namespace turnout {

enum class Nomination {
  kAggressive,  // every check nominates (RFC 5245 8.1.1.2): what libwebrtc effectively does
  kRegular,     // nominate after checks have settled (RFC 8445 8.1.1): webrtcbin's fixed choice
};

struct IceProfile {
  std::string name;
  Nomination nomination = Nomination::kAggressive;
  milliseconds pacing{5};      // Ta: one STUN request per Ta; RFC 8445 14.2 forbids less than 5 ms
  milliseconds stun_rto{500};  // of requests to servers: the first retransmission, RFC 8489 6.2.1
  bool consent_freshness = false;
  milliseconds idle_timeout{1500};  // checks over and nothing valid for so long: failed
  milliseconds jitter_buffer{0};    // 0: packets are counted, not buffered
};

// "fast": as little of the tool's own waiting as ICE allows; "browser": timers like libwebrtc's.
std::optional<IceProfile> iceProfile(std::string_view name);

}  // namespace turnout
