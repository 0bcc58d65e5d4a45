#include "pipelines/ice/hooks/binding_hook.h"

#include "pipelines/ice/hooks/interposed.h"
#include "pipelines/stun/socket_address.h"

#include <mutex>
#include <set>
#include <utility>
#include <vector>

#include <stun/usages/bind.h>

namespace turnout {
namespace {

// The interposed function is process-wide, hence so is this.
struct Watches {
  std::mutex mutex;
  std::set<std::shared_ptr<const BindingWatch::OnMapped>> all;
};

Watches& watches() {
  static auto* const one = new Watches;  // never destroyed: libnice threads may outlive main()
  return *one;
}

void tellMapped(const std::string& mapped) {
  std::vector<std::shared_ptr<const BindingWatch::OnMapped>> listeners;
  {
    const std::lock_guard lock(watches().mutex);
    listeners.assign(watches().all.begin(), watches().all.end());
  }
  for (const auto& listener : listeners)
    (*listener)(mapped);
}

}  // namespace

BindingWatch::BindingWatch(OnMapped on_mapped)
    : on_mapped_(std::make_shared<const OnMapped>(std::move(on_mapped))) {
  const std::lock_guard lock(watches().mutex);
  watches().all.insert(on_mapped_);
}

BindingWatch::~BindingWatch() {
  const std::lock_guard lock(watches().mutex);
  watches().all.erase(on_mapped_);
}

Result<Done> checkBindingHook() {
  if (isInterposed("stun_usage_bind_create", &stun_usage_bind_create) &&
      isInterposed("stun_usage_bind_process", &stun_usage_bind_process))
    return Done{};
  return Error{ErrorCode::kInternal,
               "STUN outcomes cannot be observed: stun_usage_bind_* are not interposed; link the "
               "executable with turnout_ice's link options"};
}

}  // namespace turnout

// The signatures are libnice's (stun/usages/bind.h).
extern "C" {

__attribute__((visibility("default"))) size_t stun_usage_bind_create(StunAgent* agent,
                                                                     StunMessage* msg,
                                                                     uint8_t* buffer,
                                                                     size_t buffer_len) {
  static auto* const real =
      turnout::realFunction<decltype(stun_usage_bind_create)>("stun_usage_bind_create");
  if (agent->compatibility == STUN_COMPATIBILITY_RFC3489)
    agent->compatibility = STUN_COMPATIBILITY_RFC5389;
  return real(agent, msg, buffer, buffer_len);
}

__attribute__((visibility("default"))) StunUsageBindReturn stun_usage_bind_process(
    StunMessage* msg, struct sockaddr* addr, socklen_t* addrlen, struct sockaddr* alternate_server,
    socklen_t* alternate_server_len) {
  static auto* const real =
      turnout::realFunction<decltype(stun_usage_bind_process)>("stun_usage_bind_process");
  const auto verdict = real(msg, addr, addrlen, alternate_server, alternate_server_len);
  if (verdict == STUN_USAGE_BIND_RETURN_SUCCESS)
    turnout::tellMapped(
        turnout::socketAddressText(reinterpret_cast<const sockaddr_storage&>(*addr)));
  return verdict;
}

}  // extern "C"
