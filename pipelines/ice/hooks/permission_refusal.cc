#include "pipelines/ice/hooks/permission_refusal.h"

#include <algorithm>

namespace turnout {
namespace {

// RFC 8489 5, 6, 14; RFC 8656 17.
constexpr std::size_t kHeaderSize = 20, kAttributeHeaderSize = 4;
constexpr unsigned kCreatePermissionError = 0x0118, kErrorCode = 0x0009;

unsigned numberAt(std::span<const std::uint8_t> bytes, std::size_t at) {
  return static_cast<unsigned>(bytes[at] << 8 | bytes[at + 1]);
}

// ERROR-CODE: 21 zero bits, hundreds, the rest, the reason phrase (RFC 8489 14.8).
PermissionRefusal refusalIn(std::span<const std::uint8_t> value) {
  return {(value[2] & 7) * 100 + value[3], std::string(value.begin() + 4, value.end())};
}

}  // namespace

std::optional<PermissionRefusal> permissionRefusal(std::span<const std::uint8_t> packet) {
  if (packet.size() < kHeaderSize || numberAt(packet, 0) != kCreatePermissionError)
    return std::nullopt;
  for (auto rest = packet.subspan(kHeaderSize); rest.size() >= kAttributeHeaderSize;) {
    const unsigned type = numberAt(rest, 0);
    const std::size_t size = numberAt(rest, 2);
    const auto value = rest.subspan(kAttributeHeaderSize);
    if (type == kErrorCode && size >= 4 && value.size() >= 4) {
      const auto refusal = refusalIn(value.first(std::min(size, value.size())));
      const bool is_retried = refusal.error_code == 401 || refusal.error_code == 438;
      return is_retried ? std::nullopt : std::optional(refusal);
    }
    rest = value.subspan(std::min((size + 3) / 4 * 4, value.size()));
  }
  return std::nullopt;
}

}  // namespace turnout
