// The Engine.IO wire, of protocol 4 and 3: packets, the handshake, and the payload of HTTP long polling. Pure values
// and text; who sends what when is engine_session.h (server) and engine_client.h.
// Source: github.com/socketio/engine.io-protocol, revisions 4 and 3.
#pragma once

#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"
#include "pipelines/base/server_url.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace turnout {

enum class EnginePacketType {
  kOpen,     // server: the handshake
  kClose,    // either: this transport ends
  kPing,     // server: are you there; client with "probe": may I upgrade
  kPong,     // the answer to a ping
  kMessage,  // what the layer above says
  kUpgrade,  // client: from now on on this transport
  kNoop,     // server: releases a waiting poll
};

struct EnginePacket {
  EnginePacketType type = EnginePacketType::kMessage;
  std::string data;
  bool is_binary = false;  // only messages

  bool operator==(const EnginePacket&) const = default;
};

// A packet as text: a WebSocket text frame, or one element of a payload (there a binary message is
// "b" and base64). Over WebSocket a binary message is a binary frame and needs no codec.
std::string encodeEnginePacket(const EnginePacket& packet);
Result<EnginePacket> decodeEnginePacket(std::string_view text);

enum class EngineProtocol { kThree = 3, kFour = 4 };

// The body of a poll or post. Protocol 4: packets separated by the byte 0x1e; protocol 3: "LENGTH:PACKET"
// after each other, the length in UTF-16 units, as its clients count.
constexpr char kEnginePacketSeparator = '\x1e';
constexpr std::size_t kMaxPacketsInPayload = 65536;
std::string encodeEnginePayload(const std::vector<EnginePacket>& packets,
                                EngineProtocol protocol = EngineProtocol::kFour);
Result<std::vector<EnginePacket>> decodeEnginePayload(
    std::string_view body, EngineProtocol protocol = EngineProtocol::kFour);

// The origin of a URL that names a server and nothing more.
Result<std::string> engineOrigin(const std::string& url);

struct EngineHandshake {
  std::string sid;
  std::vector<std::string> upgrades;  // "websocket", or nothing
  milliseconds ping_interval{25000};
  milliseconds ping_timeout{20000};
  std::size_t max_payload = 1'000'000;  // bytes of one message or post

  bool offersWebSocket() const;
  bool operator==(const EngineHandshake&) const = default;
};

std::string encodeEngineHandshake(const EngineHandshake& handshake);
Result<EngineHandshake> decodeEngineHandshake(std::string_view json);

}  // namespace turnout
