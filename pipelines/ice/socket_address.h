// Socket addresses as text: "192.0.2.1:3478", "[2001:db8::1]:3478".
#pragma once

#include <cstdint>
#include <string>

#include <sys/socket.h>

namespace turnout {

std::string hostPort(const std::string& host, std::uint16_t port);  // brackets IPv6 literals
std::string socketAddressText(const sockaddr_storage& address);     // IPv4 or IPv6, else empty

}  // namespace turnout
