// The Socket.IO 5 wire, one layer above Engine.IO messages: packets with a namespace, an
// acknowledgement id and JSON arguments. Pure values and text.
// Source: github.com/socketio/socket.io-protocol, revision 5.
#pragma once

#include "bots/signaling/wire/engine_io.h"
#include "pipelines/base/json.h"
#include "pipelines/base/result.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace turnout {

enum class SocketPacketType {
  kConnect,       // client: into a namespace; server: you are in, with your id
  kDisconnect,    // either: out of the namespace
  kEvent,         // ["name", arg, ...]
  kAck,           // [arg, ...], the answer to an event that carried an id
  kConnectError,  // server: not into this namespace
  kBinaryEvent,   // an event some of whose arguments follow as binary frames
  kBinaryAck,
};

constexpr std::size_t kMaxNamespaceLength = 256;
constexpr unsigned kMaxAttachments = 10;  // as the original server

struct SocketPacket {
  SocketPacketType type = SocketPacketType::kEvent;
  std::string nsp = "/";            // the namespace
  std::optional<std::uint64_t> id;  // of the acknowledgement asked for or given
  unsigned attachments = 0;         // binary frames that follow
  JsonValue data;                   // checked against the type; absent where optional

  bool isBinary() const {
    return type == SocketPacketType::kBinaryEvent || type == SocketPacketType::kBinaryAck;
  }
  std::string eventName() const;             // "" unless an event
  std::vector<JsonValue> arguments() const;  // of an event (without its name) or an ack
};

Result<SocketPacket> decodeSocketPacket(std::string_view text);

// `json`: the data as JSON text, or empty for none.
std::string encodeSocketPacket(SocketPacketType type, std::string_view nsp,
                               std::optional<std::uint64_t> id, std::string_view json);
// `arguments`: JSON texts.
std::string encodeSocketEvent(std::string_view nsp, std::optional<std::uint64_t> id,
                              std::string_view name, const std::vector<std::string>& arguments);

// Puts packets together from Engine.IO messages: a binary packet is given out when its last
// attachment has come, with the placeholders left in its data. The attachments themselves are
// dropped, as nothing in the tree speaks binary; the receiver can refuse the event by name.
class SocketPacketReader {
 public:
  // nullopt: more messages are needed. After an Error the connection cannot be used any more.
  Result<std::optional<SocketPacket>> take(const EnginePacket& message);

 private:
  std::optional<SocketPacket> waiting_;
  unsigned missing_ = 0;  // attachments of waiting_ that have not come
};

}  // namespace turnout
