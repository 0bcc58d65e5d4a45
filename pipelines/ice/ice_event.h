// What an ICE agent tells, and how it is configured: values without machinery, so that plans, logs
// and reports can speak of candidates, states and servers without the agent.
#pragma once

#include "pipelines/base/clock.h"
#include "pipelines/ice/ice_profile.h"
#include "pipelines/ice/ice_server.h"
#include "pipelines/ice/ice_server_outcome.h"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace turnout {

// W3C RTCIceCandidateType.
enum class CandidateType { kHost, kServerReflexive, kPeerReflexive, kRelay };
inline constexpr std::array<std::string_view, 4> kCandidateTypeWords{"host", "srflx", "prflx",
                                                                     "relay"};
constexpr std::string_view toString(CandidateType type) {
  return kCandidateTypeWords[static_cast<std::size_t>(type)];
}

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

struct IceCandidateInfo {
  CandidateType type = CandidateType::kHost;
  std::string protocol = "udp";  // of the candidate itself
  std::string address;           // "ip:port"
  std::string relay_protocol;    // local relay candidates: udp, tcp or tls; else empty
  std::string url;               // local srflx/relay candidates: the server's URL as configured
};

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

struct IceConfig {
  IceProfile profile;
  bool relay_only = false;                   // RTCIceTransportPolicy "relay"
  std::vector<IceServer> servers;            // in order of preference
  std::vector<std::string> local_addresses;  // literals to bind to; empty: all interfaces
};

// How the end of a connection looks to its servers.
enum class Leave {
  kClean,   // TURN allocations are released (Refresh with lifetime 0, RFC 8656 section 8)
  kAbrupt,  // nothing is sent: a tab kill or page refresh
};

}  // namespace turnout
