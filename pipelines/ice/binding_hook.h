// The mapped address of every successful STUN Binding answer libnice reads, by the same means as
// allocate_hook.h. A Binding request carries nothing that names its agent, but the mapped address
// does: no two sockets share one. libnice itself hides an answer whose address is a host
// candidate's (no NAT on the path), which is why its candidates alone do not tell whether the
// server answered.
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
