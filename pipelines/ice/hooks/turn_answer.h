// What a TURN server answers to the requests that libnice makes once it has an allocation, which it
// keeps to itself: Refresh, CreatePermission, ChannelBind (RFC 8656 8, 9, 12). Pure.
#pragma once

#include "pipelines/ice/ice_server_outcome.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace turnout {

struct TurnAnswer {
  ServerStage stage = ServerStage::kAllocate;  // kAllocate: Refresh; kPermission; kChannel
  int error_code = 0;                          // 0: done
  std::string reason{};                        // empty: none given, or cut off

  // The client is to ask again, with what comes along (RFC 8489 9.2.5).
  bool isRetried() const { return error_code == 401 || error_code == 438; }
};

// Nothing: another packet. `packet` may be cut off: what lies behind its end is not seen.
std::optional<TurnAnswer> turnAnswer(std::span<const std::uint8_t> packet);

}  // namespace turnout
