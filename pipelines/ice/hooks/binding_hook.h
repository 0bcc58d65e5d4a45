// STUN Binding through libnice, by the same means as allocate_hook.h. Two functions are interposed.
//
// stun_usage_bind_process: the mapped address of every successful answer. A Binding request carries
// nothing that names its agent, but the mapped address does: no two sockets share one. libnice
// itself hides an answer whose address is a host candidate's (no NAT on the path), which is why its
// candidates alone do not tell whether the server answered.
//
// stun_usage_bind_create: requests get the magic cookie of RFC 8489 5. libnice's are those of RFC
// 3489, and it throws their answers away while a TURN server is being asked: the TURN request comes
// first in its list and calls an answer without the cookie malformed.
#pragma once

#include "pipelines/base/result.h"

#include <functional>
#include <memory>
#include <string>

namespace turnout {

class BindingWatch {
 public:
  // For every answer in the process, on the thread that runs that agent's libnice, under its lock:
  // may not call libnice. The address is "ip:port".
  using OnMapped = std::function<void(const std::string& mapped_address)>;

  explicit BindingWatch(OnMapped on_mapped);
  ~BindingWatch();
  BindingWatch(const BindingWatch&) = delete;
  BindingWatch& operator=(const BindingWatch&) = delete;

 private:
  std::shared_ptr<const OnMapped> on_mapped_;
};

// Part of checkAllocateHook().
Result<Done> checkBindingHook();

}  // namespace turnout
