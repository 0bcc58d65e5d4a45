// A way to one server that carries whole STUN and TURN messages: UDP, TCP or TLS.
//
// Threads: the loop's. Handlers may not destroy the transport they come from.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>

namespace turnout {

class ProbeTransport {
 public:
  struct Handlers {
    std::function<void(std::span<const std::uint8_t>)> on_message;
    std::function<void(const std::string& why)> on_end;  // once, and nothing after it
  };

  virtual ~ProbeTransport() = default;
  virtual void listen(Handlers handlers) = 0;  // once, before send()
  virtual void send(std::span<const std::uint8_t> message) = 0;
  virtual bool isReliable() const = 0;  // nothing needs to be sent twice
};

}  // namespace turnout
