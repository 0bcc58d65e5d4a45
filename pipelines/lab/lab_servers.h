// What a lab's self-check asks, at the addresses of lab_plan.h: a STUN server with two addresses and two
// ports that answers as RFC 5780 wants, and TCP ports that send back what they get.
//
// Threads: the loop's.
#pragma once

#include "pipelines/base/fd.h"
#include "pipelines/base/loop.h"
#include "pipelines/base/result.h"
#include "pipelines/stun/stun_message.h"
#include "pipelines/stun/udp_socket.h"

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace turnout {

// A Binding request as a server reads it (RFC 8489 5, RFC 5780 7.2).
struct BindingRequest {
  StunId id{};
  bool wants_other_address = false, wants_other_port = false;
};
// Nothing: no Binding request.
std::optional<BindingRequest> bindingRequest(std::span<const std::uint8_t> bytes);
// Its answer: what the server saw, and its other address. All of IPv4.
Bytes bindingAnswer(const StunId& id, const sockaddr_storage& seen, const sockaddr_storage& other);

class StunResponder {
 public:
  static constexpr std::uint16_t kPort = 3478, kOtherPort = 3479;

  // In the network the thread is in. Error (kIo): a port is taken, an address is not there.
  static Result<std::unique_ptr<StunResponder>> start(Loop& loop, const std::string& address,
                                                      const std::string& other_address);

 private:
  void onDatagram(std::size_t socket, const sockaddr_storage& from,
                  std::span<const std::uint8_t> bytes);

  // By address, then by port: 0 and 1 are of the first address, 1 and 3 at the other port.
  std::vector<std::unique_ptr<UdpSocket>> sockets_;
};

class TcpEcho {
 public:
  // In the network the thread is in. Error (kIo): as above.
  static Result<std::unique_ptr<TcpEcho>> start(Loop& loop, const std::string& address,
                                                const std::vector<std::uint16_t>& ports);

 private:
  struct Connection {
    Fd fd;
    Timer input;
    bool is_over = false;
  };
  explicit TcpEcho(Loop& loop) : loop_(loop) {}
  void onConnection(int listener);
  static void onInput(Connection& connection);

  Loop& loop_;
  std::vector<Fd> listeners_;
  std::vector<Timer> arrivals_;
  std::list<Connection> connections_;
};

// `task` whenever the descriptor can be read (or written), until the Timer is gone.
Timer whenReadable(Loop& loop, int fd, Loop::Task task);
Timer whenWritable(Loop& loop, int fd, Loop::Task task);

}  // namespace turnout
