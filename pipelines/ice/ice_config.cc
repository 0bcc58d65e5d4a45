#include "pipelines/ice/ice_config.h"

namespace turnout {

std::optional<IceProfile> iceProfile(std::string_view name) {
  if (name == "fast")
    return IceProfile{.name = "fast"};
  // libwebrtc: requests to servers are repeated after 250 ms first (STUN_INITIAL_RTO), a check every 48 ms while no pair is strong (WEAK_PING_INTERVAL, about RFC 8445's
  // 50 ms), the controlling side nominates with its checks, and received media is played out of a
  // buffer. Its own liveness rule (no answer for 5 s: disconnected, 15 s: failed) is not consent
  // freshness of libnice 0.1.21, whose 10 s without an answer fail a path for good, a 6 s outage
  // included; so consent stays off here too, and dead paths are found by missing media.
  if (name == "browser")
    return IceProfile{.name = "browser",
                      .pacing = 50ms,
                      .stun_rto = 250ms,
                      .idle_timeout = 5000ms,
                      .jitter_buffer = 200ms};
  return std::nullopt;
}

}  // namespace turnout
