// A TURN server as far as messages go: reads requests and makes any answer, by libstun's server
// side. No sockets.
#pragma once

#include "pipelines/probe/probe_transport.h"
#include "pipelines/stun/stun_message.h"

#include <functional>
#include <string>
#include <vector>

#include <stun/stunagent.h>

namespace turnout {

inline constexpr const char* kUser = "alice";
inline constexpr const char* kPassword = "wonderland";

sockaddr_storage address(const std::string& literal, std::uint16_t port);

class FakeServer {
 public:
  struct Seen {
    StunMethod method;
    bool is_signed = false;
    std::string nonce;
    Bytes bytes;
  };
  using Fill = std::function<void(StunMessage&)>;

  FakeServer();

  Seen read(const Bytes& request);
  // With integrity where the request has it.
  Bytes accept(const Bytes& request, const Fill& fill = {});
  Bytes refuse(const Bytes& request, int code, const std::string& realm = "",
               const std::string& nonce = "");
  Bytes dataFrom(const sockaddr_storage& peer, const std::string& data);

 private:
  StunMessage parse(const Bytes& request);
  StunAgent agent_;
};

// What a client sends is kept; what a server says is put in by the test.
class FakeTransport : public ProbeTransport {
 public:
  explicit FakeTransport(bool is_reliable) : is_reliable_(is_reliable) {}
  void listen(Handlers handlers) override { handlers_ = std::move(handlers); }
  void send(std::span<const std::uint8_t> message) override {
    sent.emplace_back(message.begin(), message.end());
  }
  bool isReliable() const override { return is_reliable_; }
  void receive(const Bytes& message) { handlers_.on_message(message); }
  void end(ServerFault fault) { handlers_.on_end({fault, {}}); }

  std::vector<Bytes> sent;

 private:
  const bool is_reliable_;
  Handlers handlers_;
};

}  // namespace turnout
