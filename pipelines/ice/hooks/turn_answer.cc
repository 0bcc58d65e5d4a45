#include "pipelines/ice/hooks/turn_answer.h"

#include <algorithm>

namespace turnout {
namespace {

// RFC 8489 5, 6, 14; RFC 8656 17.
constexpr std::size_t kHeaderSize = 20, kAttributeHeaderSize = 4;
constexpr unsigned kErrorCode = 0x0009;

unsigned numberAt(std::span<const std::uint8_t> bytes, std::size_t at) {
  return static_cast<unsigned>(bytes[at] << 8 | bytes[at + 1]);
}

// RFC 8656 17; the class of the message lies in two bits of the type (RFC 8489 5).
std::optional<TurnAnswer> answerOf(unsigned type) {
  constexpr unsigned kSuccess = 0x0100, kError = 0x0110;
  constexpr unsigned kRefresh = 0x0004, kCreatePermission = 0x0008, kChannelBind = 0x0009;
  if ((type & 0xfff0) != kSuccess && (type & 0xfff0) != kError)
    return std::nullopt;
  switch (type & 0x000f) {
    case kRefresh:
      return TurnAnswer{ServerStage::kAllocate};
    case kCreatePermission:
      return TurnAnswer{ServerStage::kPermission};
    case kChannelBind:
      return TurnAnswer{ServerStage::kChannel};
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<TurnAnswer> turnAnswer(std::span<const std::uint8_t> packet) {
  if (packet.size() < kHeaderSize)
    return std::nullopt;
  auto answer = answerOf(numberAt(packet, 0));
  if (!answer || !(numberAt(packet, 0) & 0x0010))
    return answer;
  for (auto rest = packet.subspan(kHeaderSize); rest.size() >= kAttributeHeaderSize;) {
    const unsigned type = numberAt(rest, 0);
    const std::size_t size = numberAt(rest, 2);
    const auto value = rest.subspan(kAttributeHeaderSize);
    if (type == kErrorCode && size >= 4 && value.size() >= 4) {
      // 21 zero bits, hundreds, the rest, the reason phrase (RFC 8489 14.8).
      answer->error_code = (value[2] & 7) * 100 + value[3];
      const auto reason = value.first(std::min(size, value.size())).subspan(4);
      answer->reason.assign(reason.begin(), std::find(reason.begin(), reason.end(), 0));
      return answer;
    }
    rest = value.subspan(std::min((size + 3) / 4 * 4, value.size()));
  }
  return std::nullopt;  // an error without a code that we see
}

}  // namespace turnout
