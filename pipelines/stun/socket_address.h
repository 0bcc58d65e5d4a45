// Socket addresses as text: "192.0.2.1:3478", "[2001:db8::1]:3478".
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <sys/socket.h>

namespace turnout {

std::string hostPort(const std::string& host, std::uint16_t port);  // brackets IPv6 literals
std::string socketAddressText(const sockaddr_storage& address);     // IPv4 or IPv6, else empty
std::string hostText(const sockaddr_storage& address);              // without the port

// Of a literal; nothing: it is a name.
std::optional<sockaddr_storage> socketAddress(const std::string& literal, std::uint16_t port);
// Of a literal: what no other network can reach: loopback, link-local, private and shared addresses
// (RFC 1918, RFC 6598, RFC 4193). False for a name.
bool isPrivate(const std::string& literal);
std::uint16_t portOf(const sockaddr_storage& address);
socklen_t sizeOf(const sockaddr_storage& address);

}  // namespace turnout
