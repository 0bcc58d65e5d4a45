#include "pipelines/ice/socket_hole.h"

#include <vector>

#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

namespace turnout {
namespace {

bool isDatagram(int fd) {
  int type = 0;
  socklen_t size = sizeof type;
  return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_DGRAM;
}

void setCork(int fd, int on) {
  setsockopt(fd, IPPROTO_UDP, UDP_CORK, &on, sizeof on);
}

// A send that does not fit makes the kernel drop what is pending (EMSGSIZE); otherwise uncorking
// would send it all as one datagram.
void discardPending(int fd) {
  const std::vector<char> big(65000);
  sockaddr_storage self{};
  socklen_t size = sizeof self;
  getsockname(fd, reinterpret_cast<sockaddr*>(&self), &size);
  for (int tries = 0; tries < 3; ++tries)
    if (sendto(fd, big.data(), big.size(), MSG_DONTWAIT, reinterpret_cast<sockaddr*>(&self), size) <
        0)
      return;
}

}  // namespace

void setSocketHole(int fd, bool on) {
  if (!isDatagram(fd))
    return;
  sock_filter accept_nothing{BPF_RET | BPF_K, 0, 0, 0};
  const sock_fprog program{1, &accept_nothing};
  if (on) {
    setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
    setCork(fd, 1);
  } else {
    discardPending(fd);
    setCork(fd, 0);
    setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &program, sizeof program);
  }
}

}  // namespace turnout
