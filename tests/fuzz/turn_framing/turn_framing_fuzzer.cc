// A TURN stream is cut where its own bytes say: whatever they are, it goes on, and no message is
// larger than the header allows.
#include "pipelines/base/result.h"
#include "pipelines/stun/stun_message.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kLargest = 20 + 65535 + 3;
  for (std::span<const std::uint8_t> rest(data, size); !rest.empty();) {
    const auto message = turnout::turnMessageSize(rest);
    if (!message)
      break;
    TURNOUT_CHECK(*message > 0, "a message has bytes");
    TURNOUT_CHECK(*message <= std::max(kLargest, rest.size()), "a message has an end");
    rest = rest.subspan(std::min(*message, rest.size()));
  }
  return 0;
}
