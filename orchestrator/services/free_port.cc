#include "orchestrator/services/free_port.h"

#include "pipelines/base/clock.h"
#include "pipelines/base/fd.h"

#include <cerrno>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace turnout {
namespace {

// Above Linux' range for outgoing connections (32768..60999): when a server is dead on purpose, no
// socket of a bot gets its port, and no bot that wants to connect to it meets itself.
constexpr int kFirstPort = 61'000, kPorts = 65'536 - kFirstPort;

bool isFree(const Fd& socket, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return ::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
}

}  // namespace

Result<std::vector<std::uint16_t>> freePorts(std::size_t count) {
  std::vector<std::uint16_t> ports;
  const auto start = static_cast<int>(toNs(now()) % kPorts);  // others look elsewhere meanwhile
  for (int i = 0; i < kPorts && ports.size() < count; ++i) {
    const auto port = static_cast<std::uint16_t>(kFirstPort + (start + i) % kPorts);
    const Fd tcp(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const Fd udp(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (isFree(tcp, port) && isFree(udp, port))
      ports.push_back(port);
  }
  if (ports.size() < count)
    return Error{ErrorCode::kEnvironment,
                 std::string("no free port on 127.0.0.1: ") + std::strerror(errno)};
  return ports;
}

}  // namespace turnout
