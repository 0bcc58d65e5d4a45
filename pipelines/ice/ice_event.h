// What an ICE agent reports: candidates, states, pairs and what became of its servers. Values, so that
// logs and reports can speak of them without the agent.
#pragma once

#include "pipelines/base/clock.h"
#include "pipelines/ice/ice_candidate.h"
#include "pipelines/ice/ice_server_outcome.h"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

namespace turnout {

// W3C RTCIceTransportState.
enum class IceConnectionState {
  kNew,
  kChecking,
  kConnected,
  kCompleted,
  kDisconnected,
  kFailed,
  kClosed
};
inline constexpr std::array<std::string_view, 7> kIceConnectionStateWords{
    "new", "checking", "connected", "completed", "disconnected", "failed", "closed"};
constexpr std::string_view toString(IceConnectionState state) {
  return kIceConnectionStateWords[static_cast<std::size_t>(state)];
}

struct IceLocalCandidate {
  IceCandidateInfo info;
  std::string text;  // "candidate:..." (RFC 8839 5.1), with its generation's ufrag
};
struct IceGatheringDone {};
struct IceStateChanged {
  IceConnectionState state;
};
struct IcePairSelected {
  IceCandidateInfo local, remote;
};

struct IceEvent {
  Instant at;               // stamped where it happened
  unsigned generation = 0;  // 0, then +1 per ICE restart
  std::variant<IceLocalCandidate, IceGatheringDone, IceStateChanged, IcePairSelected,
               IceServerOutcome, IcePermissionRefused>
      body;
};

}  // namespace turnout
