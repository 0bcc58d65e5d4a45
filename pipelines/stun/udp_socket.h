// A UDP socket: connected to one server, whose ICMP errors it then tells, or open to all.
//
// Threads: the loop's. Handlers may not destroy the socket.
#pragma once

#include "pipelines/base/gobject_ref.h"
#include "pipelines/base/loop.h"
#include "pipelines/base/result.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include <gio/gio.h>
#include <sys/socket.h>

namespace turnout {

class UdpSocket {
 public:
  struct Handlers {
    std::function<void(const sockaddr_storage& from, std::span<const std::uint8_t>)> on_datagram;
    std::function<void(const GError&)> on_error;  // of the network, any number of times
  };

  // Of the family of `peer`. `local_address`: a literal to bind to; empty: any.
  static Result<std::unique_ptr<UdpSocket>> connectTo(Loop& loop, const sockaddr_storage& peer,
                                                      const std::string& local_address);
  // `port` 0: any that is free.
  static Result<std::unique_ptr<UdpSocket>> open(Loop& loop, const std::string& local_address,
                                                 sa_family_t family = AF_INET,
                                                 std::uint16_t port = 0);

  void listen(Handlers handlers) { handlers_ = std::move(handlers); }
  void send(std::span<const std::uint8_t> bytes) { sendTo(nullptr, bytes); }
  void send(const sockaddr_storage& to, std::span<const std::uint8_t> bytes);
  sockaddr_storage localAddress() const;

 private:
  explicit UdpSocket(Ref<GSocket> socket) : socket_(std::move(socket)) {}
  static Result<std::unique_ptr<UdpSocket>> make(Loop& loop, GSocketFamily family,
                                                 const std::string& local_address,
                                                 std::uint16_t port);
  void sendTo(GSocketAddress* to, std::span<const std::uint8_t> bytes);
  void onReadable();

  Ref<GSocket> socket_;
  Handlers handlers_;
  Timer input_;
};

}  // namespace turnout
