// That a TURN server will not let a peer through: its answer to CreatePermission (RFC 8656 9),
// which libnice keeps to itself. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace turnout {

struct PermissionRefusal {
  int error_code = 0;
  std::string reason;  // empty: none given, or cut off
};

// Of an error response that is final: 401 and 438 ask the client to try again (RFC 8489 9.2.5).
// `packet` may be cut off: what lies behind its end is not seen.
std::optional<PermissionRefusal> permissionRefusal(std::span<const std::uint8_t> packet);

}  // namespace turnout
