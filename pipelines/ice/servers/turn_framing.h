// Where messages end in a TURN stream over TCP or TLS (RFC 8656 3.1, 12.5): STUN messages and
// ChannelData, the latter padded to four bytes. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace turnout {

// Size of the message that begins here, padding included; at most 64 kB and some bytes. Nothing:
// more bytes are needed to tell. Bytes that begin no message are one message, all of them.
std::optional<std::size_t> turnMessageSize(std::span<const std::uint8_t> stream);

}  // namespace turnout
