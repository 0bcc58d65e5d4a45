#include "pipelines/ice/hooks/early_indication.h"

#include "pipelines/ice/hooks/interposed.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <mutex>
#include <utility>

#include <stun/stunagent.h>

namespace turnout {
namespace {

// RFC 8489 5: the transaction id lies behind type, length and magic cookie.
constexpr std::size_t kStunHeaderSize = 20, kIdAt = 8;
using Id = std::array<std::uint8_t, kStunHeaderSize - kIdAt>;
constexpr std::size_t kLongestCheck = 512;  // longer ones are media: they have a path already
constexpr std::size_t kMostKept = 256;      // whose request never went out

bool isCreatePermission(std::span<const std::uint8_t> packet) {  // RFC 8656 17: the request
  return packet.size() >= kStunHeaderSize && packet[0] == 0x00 && packet[1] == 0x08;
}

Id idOf(std::span<const std::uint8_t> packet) {
  Id id;
  std::copy_n(packet.begin() + kIdAt, id.size(), id.begin());
  return id;
}

// The interposed function is process-wide, hence so is this.
struct Kept {
  std::mutex mutex;
  std::map<Id, std::vector<std::uint8_t>> by_request;
};
Kept& kept() {
  static auto* const one = new Kept;  // never destroyed: libnice threads may outlive main()
  return *one;
}

// The Send indication that this thread finished last; empty: something else came after it.
thread_local std::vector<std::uint8_t> last_indication;

void onFinished(const StunMessage* message, std::size_t size) {
  const std::span packet(message->buffer, size);
  if (isCreatePermission(packet)) {
    auto indication = std::exchange(last_indication, {});
    const std::lock_guard lock(kept().mutex);
    if (!indication.empty() && kept().by_request.size() < kMostKept)
      kept().by_request[idOf(packet)] = std::move(indication);
    return;
  }
  last_indication.clear();
  if (stun_message_get_class(message) == STUN_INDICATION &&
      stun_message_get_method(message) == STUN_IND_SEND && size <= kLongestCheck)
    last_indication.assign(packet.begin(), packet.end());
}

}  // namespace

std::vector<std::uint8_t> takeEarlyIndication(std::span<const std::uint8_t> packet) {
  if (!isCreatePermission(packet))
    return {};
  const std::lock_guard lock(kept().mutex);
  auto node = kept().by_request.extract(idOf(packet));
  return node ? std::move(node.mapped()) : std::vector<std::uint8_t>();
}

Result<Done> checkEarlyIndicationHook() {
  if (isInterposed("stun_agent_finish_message", &stun_agent_finish_message))
    return Done{};
  return Error{
      ErrorCode::kInternal,
      "stun_agent_finish_message is not interposed; link the executable with turnout_ice's "
      "link options"};
}

}  // namespace turnout

// The signature is libnice's (stun/stunagent.h).
extern "C" {

__attribute__((visibility("default"))) size_t stun_agent_finish_message(StunAgent* agent,
                                                                        StunMessage* msg,
                                                                        const uint8_t* key,
                                                                        size_t key_len) {
  using namespace turnout;  // NOLINT(google-build-using-namespace): a C function of this file
  static auto* const real =
      realFunction<decltype(stun_agent_finish_message)>("stun_agent_finish_message");
  const size_t size = real(agent, msg, key, key_len);
  if (size > 0)
    onFinished(msg, size);
  return size;
}

}  // extern "C"
