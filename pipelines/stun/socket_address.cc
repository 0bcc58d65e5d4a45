#include "pipelines/stun/socket_address.h"

#include <algorithm>
#include <array>
#include <iterator>

#include <arpa/inet.h>
#include <netinet/in.h>

namespace turnout {
namespace {

const sockaddr_in& ip4(const sockaddr_storage& address) {
  return reinterpret_cast<const sockaddr_in&>(address);
}
const sockaddr_in6& ip6(const sockaddr_storage& address) {
  return reinterpret_cast<const sockaddr_in6&>(address);
}

}  // namespace

std::string hostPort(const std::string& host, std::uint16_t port) {
  const bool is_ipv6 = host.find(':') != std::string::npos;
  return (is_ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::string hostText(const sockaddr_storage& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.ss_family == AF_INET)
    inet_ntop(AF_INET, &ip4(address).sin_addr, text.data(), text.size());
  if (address.ss_family == AF_INET6)
    inet_ntop(AF_INET6, &ip6(address).sin6_addr, text.data(), text.size());
  return text.data();
}

std::string socketAddressText(const sockaddr_storage& address) {
  const std::string host = hostText(address);
  return host.empty() ? host : hostPort(host, portOf(address));
}

std::optional<sockaddr_storage> socketAddress(const std::string& literal, std::uint16_t port) {
  sockaddr_storage address = {};
  auto& four = reinterpret_cast<sockaddr_in&>(address);
  auto& six = reinterpret_cast<sockaddr_in6&>(address);
  if (inet_pton(AF_INET, literal.c_str(), &four.sin_addr) == 1) {
    four.sin_family = AF_INET;
    four.sin_port = htons(port);
    return address;
  }
  if (inet_pton(AF_INET6, literal.c_str(), &six.sin6_addr) == 1) {
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(port);
    return address;
  }
  return std::nullopt;
}

bool isPrivate(const std::string& literal) {
  in_addr four = {};
  in6_addr six = {};
  if (inet_pton(AF_INET, literal.c_str(), &four) == 1) {
    struct Net {
      std::uint32_t address, bits;
    };
    constexpr Net kNets[] = {{0x0a000000, 8},  {0x7f000000, 8},  {0xa9fe0000, 16},
                             {0xac100000, 12}, {0xc0a80000, 16}, {0x64400000, 10}};
    const std::uint32_t host = ntohl(four.s_addr);
    return std::any_of(std::begin(kNets), std::end(kNets), [host](const Net& net) {
      return (host ^ net.address) >> (32 - net.bits) == 0;
    });
  }
  if (inet_pton(AF_INET6, literal.c_str(), &six) != 1)
    return false;
  return IN6_IS_ADDR_LOOPBACK(&six) || IN6_IS_ADDR_LINKLOCAL(&six) ||
         (six.s6_addr[0] & 0xfe) == 0xfc;
}

std::uint16_t portOf(const sockaddr_storage& address) {
  return ntohs(address.ss_family == AF_INET6 ? ip6(address).sin6_port : ip4(address).sin_port);
}

socklen_t sizeOf(const sockaddr_storage& address) {
  return address.ss_family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
}

}  // namespace turnout
