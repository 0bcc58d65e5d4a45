#include "pipelines/ice/hooks/check_timer.h"

#include "pipelines/ice/hooks/interposed.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <string_view>
#include <utility>

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

Result<Done> checkCheckTimer() {
  if (isInterposed("stun_timer_start", &stun_timer_start) &&
      isInterposed("stun_usage_ice_conncheck_create", &stun_usage_ice_conncheck_create))
    return Done{};
  return Error{ErrorCode::kInternal,
               "checks cannot be timed: stun_timer_start or stun_usage_ice_conncheck_create is not "
               "interposed; link the executable with turnout_ice's link options"};
}

}  // namespace turnout

// The signatures are libnice's (stun/usages/ice.h, timer.h).
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

}  // extern "C"
