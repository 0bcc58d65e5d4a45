// A way to one server that carries whole STUN and TURN messages: UDP, TCP or TLS. In a stream the
// messages are found by their own length (RFC 8656 3.1).
//
// Threads: the loop's. Handlers may not destroy the transport they come from.
#pragma once

#include "pipelines/base/gobject_ref.h"
#include "pipelines/base/loop.h"
#include "pipelines/ice/ice_server_outcome.h"
#include "pipelines/stun/udp_socket.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace turnout {

// Why nothing more comes from a server.
struct TransportEnd {
  ServerFault fault = ServerFault::kNone;
  std::string text;  // the system's words
};

class ProbeTransport {
 public:
  struct Handlers {
    std::function<void(std::span<const std::uint8_t>)> on_message;
    std::function<void(const TransportEnd&)> on_end;  // once, and nothing after it
  };

  virtual ~ProbeTransport() = default;
  virtual void listen(Handlers handlers) = 0;  // once, before send()
  virtual void send(std::span<const std::uint8_t> message) = 0;
  virtual bool isReliable() const = 0;  // nothing needs to be sent twice
};

class UdpTransport : public ProbeTransport {
 public:
  explicit UdpTransport(std::unique_ptr<UdpSocket> socket) : socket_(std::move(socket)) {}
  void listen(Handlers handlers) override;
  void send(std::span<const std::uint8_t> message) override { socket_->send(message); }
  bool isReliable() const override { return false; }

 private:
  std::unique_ptr<UdpSocket> socket_;
  bool is_ended_ = false;
};

class StreamTransport : public ProbeTransport {
 public:
  StreamTransport(Loop& loop, Ref<GIOStream> stream);
  void listen(Handlers handlers) override;
  void send(std::span<const std::uint8_t> message) override;
  bool isReliable() const override { return true; }

 private:
  void onReadable();
  void cutMessages();
  void flush();
  void end(TransportEnd why);

  Loop& loop_;
  Ref<GIOStream> stream_;
  Handlers handlers_;
  std::vector<std::uint8_t> received_, unsent_;
  Timer input_, output_;
  bool is_ended_ = false;
};

}  // namespace turnout
