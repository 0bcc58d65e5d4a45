#include "orchestrator/services/free_port.h"

#include "pipelines/base/fd.h"

#include <cerrno>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace turnout {
namespace {

constexpr int kTries = 100;  // a TCP port whose UDP twin is taken

// The port it is bound to, 0 when it could not be. Port 0 asks the kernel for any.
std::uint16_t bindTo(const Fd& socket, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(socket.get(), generic, size) != 0 || ::getsockname(socket.get(), generic, &size) != 0)
    return 0;
  return ntohs(address.sin_port);
}

}  // namespace

Result<std::vector<std::uint16_t>> freePorts(std::size_t count) {
  std::vector<std::uint16_t> ports;
  std::vector<Fd> held;  // until all are found, so that no port comes twice
  for (int i = 0; i < kTries && ports.size() < count; ++i) {
    Fd tcp(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    Fd udp(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const std::uint16_t port = bindTo(tcp, 0);
    if (port != 0 && bindTo(udp, port) == port) {
      ports.push_back(port);
      held.push_back(std::move(udp));
    }
    held.push_back(std::move(tcp));
  }
  if (ports.size() < count)
    return Error{ErrorCode::kEnvironment,
                 std::string("no free port on 127.0.0.1: ") + std::strerror(errno)};
  return ports;
}

}  // namespace turnout
