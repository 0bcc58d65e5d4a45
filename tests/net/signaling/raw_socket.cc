#include "tests/net/signaling/raw_socket.h"

#include <cerrno>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace turnout {

RawSocket::RawSocket(int port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  closed_ = ::connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0;
}

void RawSocket::send(const std::string& bytes) {
  if (::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
    closed_ = true;
}

void RawSocket::read() {
  char buffer[65536];
  for (;;) {
    const auto n = recv(fd_.get(), buffer, sizeof buffer, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
      return;
    if (n <= 0) {
      closed_ = true;
      return;
    }
    received_.append(buffer, static_cast<std::size_t>(n));
  }
}

bool RawSocket::isClosed() {
  read();
  return closed_;
}

std::string RawSocket::received() {
  read();
  return received_;
}

}  // namespace turnout
