// libnice's candidates, addresses and states as values of ours.
#pragma once

#include "pipelines/ice/ice_agent.h"

#include <string>
#include <vector>

#include <nice/agent.h>

namespace turnout {

std::string addressText(const NiceAddress& address);  // "ip:port"
IceConnectionState toConnectionState(NiceComponentState state);

// `relays`: the server entries in the order given to libnice, which is how a relay candidate names
// its own: by position, inside its priority. `stun`: the server asked for mapped addresses, or
// null.
IceCandidateInfo localCandidateInfo(const NiceCandidate& candidate,
                                    const std::vector<const IceServer*>& relays,
                                    const IceServer* stun);
IceCandidateInfo remoteCandidateInfo(const NiceCandidate& candidate);

}  // namespace turnout
