#include "pipelines/ice/agent/candidate_info.h"

#include "pipelines/stun/socket_address.h"

#include <array>

namespace turnout {
namespace {

CandidateType toCandidateType(NiceCandidateType type) {
  switch (type) {
    case NICE_CANDIDATE_TYPE_HOST:
      return CandidateType::kHost;
    case NICE_CANDIDATE_TYPE_SERVER_REFLEXIVE:
      return CandidateType::kServerReflexive;
    case NICE_CANDIDATE_TYPE_PEER_REFLEXIVE:
      return CandidateType::kPeerReflexive;
    case NICE_CANDIDATE_TYPE_RELAYED:
      return CandidateType::kRelay;
  }
  return CandidateType::kHost;
}

}  // namespace

std::string addressText(const NiceAddress& address) {
  std::array<char, NICE_ADDRESS_STRING_LEN> text{};
  nice_address_to_string(&address, text.data());
  return hostPort(text.data(), static_cast<std::uint16_t>(nice_address_get_port(&address)));
}

IceConnectionState toConnectionState(NiceComponentState state) {
  switch (state) {
    case NICE_COMPONENT_STATE_CONNECTING:
      return IceConnectionState::kChecking;
    case NICE_COMPONENT_STATE_CONNECTED:
      return IceConnectionState::kConnected;
    case NICE_COMPONENT_STATE_READY:
      return IceConnectionState::kCompleted;
    case NICE_COMPONENT_STATE_FAILED:
      return IceConnectionState::kFailed;
    case NICE_COMPONENT_STATE_DISCONNECTED:
      return IceConnectionState::kDisconnected;
    case NICE_COMPONENT_STATE_GATHERING:
    case NICE_COMPONENT_STATE_LAST:
      return IceConnectionState::kNew;
  }
  return IceConnectionState::kNew;
}

IceCandidateInfo candidateInfo(const NiceCandidate& candidate) {
  return {.type = toCandidateType(candidate.type),
          .protocol = candidate.transport == NICE_CANDIDATE_TRANSPORT_UDP ? "udp" : "tcp",
          .address = addressText(candidate.addr),
          .relay_protocol = {},
          .url = {}};
}

// libnice puts the entry's position in its list into bits 14-16 of the priority (candidate.c,
// nice_candidate_ice_local_preference_full). nice_candidate_relay_address() would say it too, but
// crashes on the copies that signals carry.
std::size_t relayIndex(const NiceCandidate& candidate) {
  return (candidate.priority >> 14) & 7;
}

}  // namespace turnout
