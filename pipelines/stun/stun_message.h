// STUN and TURN messages of a client (RFC 8489, RFC 8656; NAT behaviour: RFC 5780), by libnice's
// libstun: values in, bytes out, and back. A codec is one conversation: it makes the transaction
// ids, and believes only answers to what it asked, with the right integrity where a key is known.
// Errors are believed without integrity as well: servers that refuse a key cannot sign.
//
// Threads: one at a time. Never blocks.
#pragma once

#include "pipelines/base/secret.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <sys/socket.h>

namespace turnout {

using Bytes = std::vector<std::uint8_t>;
using StunId = std::array<std::uint8_t, 16>;  // with the magic cookie

enum class TurnMethod {
  kBinding,
  kAllocate,
  kRefresh,
  kCreatePermission,
  kChannelBind,
  kSend,
  kData
};
enum class ChangeRequest { kPort, kAddressAndPort };  // where the answer is to come from, RFC 5780

struct StunRequest {
  TurnMethod method = TurnMethod::kBinding;
  std::optional<std::uint32_t> lifetime_s = {};  // Refresh; 0 releases
  std::optional<sockaddr_storage> peer = {};     // CreatePermission, ChannelBind
  std::optional<std::uint16_t> channel = {};     // ChannelBind: 0x4000..0x4fff, RFC 8656 12
  std::optional<ChangeRequest> change = {};      // Binding
  std::optional<sa_family_t> relay_family =
      {};  // Allocate: REQUESTED-ADDRESS-FAMILY, RFC 8656 18.6
};

// The attribute's type and value; of AF_INET or AF_INET6.
inline constexpr std::uint16_t kRequestedAddressFamily = 0x0017;
constexpr std::uint32_t requestedFamily(sa_family_t family) {
  return (family == AF_INET6 ? 2U : 1U) << 24;
}

struct StunAnswer {
  enum class Kind { kSuccess, kError, kIndication };
  Kind kind = Kind::kSuccess;
  TurnMethod method = TurnMethod::kBinding;
  StunId id = {};
  int error_code = 0;                                      // kError
  std::string reason, realm, nonce, software;              // empty: not there
  std::optional<sockaddr_storage> mapped, relayed, other;  // other: OTHER-ADDRESS, RFC 5780 7.4
  std::optional<sockaddr_storage> alternate;               // ALTERNATE-SERVER, with 300
  std::optional<sockaddr_storage> peer;                    // kData: who sent it
  std::optional<std::uint32_t> lifetime_s;
  Bytes data;
};

// Data in a channel (RFC 8656 12.4).
struct ChannelData {
  std::uint16_t channel = 0;
  std::span<const std::uint8_t> data;
};
Bytes channelData(std::uint16_t channel, std::span<const std::uint8_t> data);  // padded
std::optional<ChannelData> channelDataOf(std::span<const std::uint8_t> message);

// The reason phrase of an error, as servers write it: without the NULs that some put behind it, and
// valid UTF-8 (RFC 8489 14.8), with U+FFFD for what is not.
std::string reasonPhrase(std::string_view raw);

class StunCodec {
 public:
  struct Sent {
    StunId id;
    Bytes bytes;
  };

  explicit StunCodec(std::string username = {}, Secret password = {});
  ~StunCodec();
  StunCodec(const StunCodec&) = delete;
  StunCodec& operator=(const StunCodec&) = delete;

  // From now on requests but Binding carry the long-term credential (RFC 8489 9.2). False: that is
  // no challenge, since the realm or the nonce is missing or too long (14.9, 14.10).
  bool answerChallenge(const std::string& realm, const std::string& nonce);
  bool isSigning() const { return !realm_.empty(); }

  Sent request(const StunRequest& request);
  Bytes sendIndication(const sockaddr_storage& peer, std::span<const std::uint8_t> data);
  void forget(const StunId& id);  // of a request that nobody waits for any more

  // Nothing: not STUN, not for us, or not to be believed.
  std::optional<StunAnswer> understand(std::span<const std::uint8_t> bytes);
  // The request whose success came without its integrity, if the last message was that.
  const std::optional<StunId>& disbelieved() const { return disbelieved_; }

 private:
  struct Agent;  // libstun's
  std::string username_, realm_, nonce_;
  const Secret password_;
  std::optional<StunId> disbelieved_;
  std::unique_ptr<Agent> agent_;
};

// Where messages end in a TURN stream over TCP or TLS (RFC 8656 3.1, 12.5): STUN messages and
// ChannelData, the latter padded to four bytes.
//
// Bytes of a realm that a challenge may have: RFC 8489 14.9 has 127 characters, which can be 763 bytes;
// Chromium (156) never answers one that is longer than this.
inline constexpr std::size_t kLongestRealm = 508;

// Size of the message that begins here, padding included; at most 64 kB and some bytes. Nothing:
// more bytes are needed to tell. Bytes that begin no message are one message, all of them.
std::optional<std::size_t> turnMessageSize(std::span<const std::uint8_t> stream);

}  // namespace turnout
