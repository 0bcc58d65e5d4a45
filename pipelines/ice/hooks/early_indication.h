// The first packet to a peer behind a relay goes out right after the CreatePermission request, as
// libwebrtc sends it: the server has the permission by then. libnice holds it back until the answer
// is there, which makes every relayed call a round trip slower; its copy follows all the same, so a
// server that refused or lost the request costs nothing.
//
// libnice finishes the Send indication first and then, within the same call, the request that it
// is to wait for. Both pass stun_agent_finish_message, which is interposed (allocate_hook.h tells
// how). Any thread.
#pragma once

#include "pipelines/base/result.h"

#include <cstdint>
#include <span>
#include <vector>

namespace turnout {

// What is to be sent behind this packet, over the same way; once. Mostly nothing.
std::vector<std::uint8_t> takeEarlyIndication(std::span<const std::uint8_t> packet);

// Part of checkAllocateHook().
Result<Done> checkEarlyIndicationHook();

}  // namespace turnout
