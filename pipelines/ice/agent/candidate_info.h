// libnice's candidates, addresses and states as values of ours.
#pragma once

#include "pipelines/ice/ice_event.h"

#include <string>

#include <nice/agent.h>

namespace turnout {

std::string addressText(const NiceAddress& address);  // "ip:port"
IceConnectionState toConnectionState(NiceComponentState state);

// Without what only the servers know (ServerGathering::describe).
IceCandidateInfo candidateInfo(const NiceCandidate& candidate);
// A local relay candidate's position in the list of servers libnice was given.
std::size_t relayIndex(const NiceCandidate& candidate);

}  // namespace turnout
