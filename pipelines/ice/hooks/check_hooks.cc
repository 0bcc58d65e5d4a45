#include "pipelines/ice/hooks/check_hooks.h"

#include "pipelines/ice/hooks/interposition.h"
#include "pipelines/stun/stun_message.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <mutex>
#include <string_view>
#include <utility>

#include <stun/stunagent.h>
#include <stun/usages/ice.h>
#include <stun/usages/timer.h>

namespace turnout {
namespace {

// The interposed functions are process-wide, hence so is this.
struct Timers {
  std::mutex mutex;
  std::map<std::string, std::shared_ptr<CheckTimes>, std::less<>> by_ufrag;
};
Timers& timers() {
  static auto* const one = new Timers;  // never destroyed: libnice threads may outlive main()
  return *one;
}

// Of the check that this thread made last, until its timer starts.
thread_local std::shared_ptr<CheckTimes> times_of_check;

// The user name of a check is the peer's fragment, a colon and ours (RFC 8445 7.2.2).
std::shared_ptr<CheckTimes> timesOf(std::string_view username) {
  const std::string_view ours =
      username.substr(std::min(username.find(':'), username.size() - 1) + 1);
  const std::lock_guard lock(timers().mutex);
  const auto found = timers().by_ufrag.find(ours);
  return found == timers().by_ufrag.end() ? nullptr : found->second;
}

}  // namespace

CheckTimer::CheckTimer(std::string ufrag, std::shared_ptr<CheckTimes> times)
    : ufrag_(std::move(ufrag)) {
  const std::lock_guard lock(timers().mutex);
  timers().by_ufrag[ufrag_] = std::move(times);
}

CheckTimer::~CheckTimer() {
  const std::lock_guard lock(timers().mutex);
  timers().by_ufrag.erase(ufrag_);
}

// A path over relays is as long as both of them, and ours may be the nearer one. Where no server
// told, checks that go on and on say that the path is slower than thought.
unsigned checkTimeout(unsigned wanted, double slowest_server_ms, unsigned checks_before) {
  constexpr double kBothWaysAndSome = 2.5;
  constexpr unsigned kChecksPerDoubling = 32, kMostDoublings = 4, kLongest = 8000;
  const auto estimate = static_cast<unsigned>(kBothWaysAndSome * slowest_server_ms);
  const unsigned doublings = std::min(checks_before / kChecksPerDoubling, kMostDoublings);
  return std::min(std::max(wanted, estimate) << doublings, std::max(wanted, kLongest));
}

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

thread_local RelayFamily relay_family = RelayFamily::kServers;

void addRelayFamily(StunMessage* message) {
  if (relay_family == RelayFamily::kServers || stun_message_get_method(message) != STUN_ALLOCATE)
    return;
  stun_message_append32(message, static_cast<StunAttribute>(kRequestedAddressFamily),
                        requestedFamily(relay_family == RelayFamily::kIpv6 ? AF_INET6 : AF_INET));
}

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

AskForRelayFamily::AskForRelayFamily(RelayFamily family) {
  relay_family = family;
}
AskForRelayFamily::~AskForRelayFamily() {
  relay_family = RelayFamily::kServers;
}

std::vector<std::uint8_t> takeEarlyIndication(std::span<const std::uint8_t> packet) {
  if (!isCreatePermission(packet))
    return {};
  const std::lock_guard lock(kept().mutex);
  auto node = kept().by_request.extract(idOf(packet));
  return node ? std::move(node.mapped()) : std::vector<std::uint8_t>();
}

}  // namespace turnout

// The signatures are libnice's (stun/usages/ice.h, timer.h, stunagent.h).
extern "C" {

__attribute__((visibility("default"))) size_t stun_usage_ice_conncheck_create(
    StunAgent* agent, StunMessage* msg, uint8_t* buffer, size_t buffer_len, const uint8_t* username,
    const size_t username_len, const uint8_t* password, const size_t password_len, bool cand_use,
    bool controlling, uint32_t priority, uint64_t tie, const char* candidate_identifier,
    StunUsageIceCompatibility compatibility) {
  using namespace turnout;  // NOLINT(google-build-using-namespace): a C function of this file
  static auto* const real =
      realFunction<decltype(stun_usage_ice_conncheck_create)>("stun_usage_ice_conncheck_create");
  times_of_check = username && username_len > 0
                       ? timesOf({reinterpret_cast<const char*>(username), username_len})
                       : nullptr;
  return real(agent, msg, buffer, buffer_len, username, username_len, password, password_len,
              cand_use, controlling, priority, tie, candidate_identifier, compatibility);
}

__attribute__((visibility("default"))) void stun_timer_start(StunTimer* timer,
                                                             unsigned int initial_timeout,
                                                             unsigned int max_retransmissions) {
  using namespace turnout;  // NOLINT(google-build-using-namespace): a C function of this file
  static auto* const real = realFunction<decltype(stun_timer_start)>("stun_timer_start");
  if (const auto times = std::exchange(times_of_check, nullptr); times && max_retransmissions > 0)
    initial_timeout = checkTimeout(initial_timeout, times->slowest_server_ms, times->checks++);
  real(timer, initial_timeout, max_retransmissions);
}

__attribute__((visibility("default"))) size_t stun_agent_finish_message(StunAgent* agent,
                                                                        StunMessage* msg,
                                                                        const uint8_t* key,
                                                                        size_t key_len) {
  using namespace turnout;  // NOLINT(google-build-using-namespace): a C function of this file
  static auto* const real =
      realFunction<decltype(stun_agent_finish_message)>("stun_agent_finish_message");
  addRelayFamily(msg);
  const size_t size = real(agent, msg, key, key_len);
  if (size > 0)
    onFinished(msg, size);
  return size;
}
}  // extern "C"
