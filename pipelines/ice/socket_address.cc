#include "pipelines/ice/socket_address.h"

#include <array>

#include <arpa/inet.h>
#include <netinet/in.h>

namespace turnout {

std::string hostPort(const std::string& host, std::uint16_t port) {
  const bool is_ipv6 = host.find(':') != std::string::npos;
  return (is_ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::string socketAddressText(const sockaddr_storage& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.ss_family == AF_INET) {
    const auto& ip4 = reinterpret_cast<const sockaddr_in&>(address);
    inet_ntop(AF_INET, &ip4.sin_addr, text.data(), text.size());
    return hostPort(text.data(), ntohs(ip4.sin_port));
  }
  if (address.ss_family == AF_INET6) {
    const auto& ip6 = reinterpret_cast<const sockaddr_in6&>(address);
    inet_ntop(AF_INET6, &ip6.sin6_addr, text.data(), text.size());
    return hostPort(text.data(), ntohs(ip6.sin6_port));
  }
  return {};
}

}  // namespace turnout
