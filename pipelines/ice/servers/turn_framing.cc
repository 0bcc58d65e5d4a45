#include "pipelines/ice/servers/turn_framing.h"

namespace turnout {
namespace {

constexpr std::size_t kStunHeader = 20;
constexpr std::size_t kChannelHeader = 4;

}  // namespace

std::optional<std::size_t> turnMessageSize(std::span<const std::uint8_t> stream) {
  if (stream.size() < 4)
    return std::nullopt;
  const std::size_t length = static_cast<std::size_t>(stream[2]) << 8 | stream[3];
  switch (stream[0] >> 6) {
    case 0:
      return kStunHeader + length;
    case 1:
      return kChannelHeader + (length + 3) / 4 * 4;
    default:
      return stream.size();
  }
}

}  // namespace turnout
