#include "bots/signaling/server/socket_session.h"

namespace turnout {

std::vector<SocketSession::Action> SocketSession::connect(const SocketPacket& packet) {
  JsonWriter json;
  if (packet.nsp != "/") {
    json.beginObject().field("message", "Invalid namespace").endObject();
    return {
        Reply{encodeSocketPacket(SocketPacketType::kConnectError, packet.nsp, {}, json.text())}};
  }
  if (inside_)
    return {Broken{"connected twice"}};
  if (!token_.empty() && !token_.matches(packet.data.stringOr("token", ""))) {
    json.beginObject().field("message", "bad_token").endObject();
    Reply reply{encodeSocketPacket(SocketPacketType::kConnectError, "/", {}, json.text())};
    if (++wrong_tokens_ < kMostTokens)
      return {std::move(reply), Refused{}};
    return {std::move(reply), Refused{}, Broken{"too many wrong tokens"}};
  }
  inside_ = true;
  json.beginObject().field("sid", id_).endObject();
  return {Reply{encodeSocketPacket(SocketPacketType::kConnect, "/", {}, json.text())}, Entered{}};
}

std::vector<SocketSession::Action> SocketSession::take(const EnginePacket& message) {
  auto result = reader_.take(message);
  if (!result)
    return {Broken{result.error().what}};
  if (!*result)
    return {};
  SocketPacket& packet = **result;
  if (packet.type == SocketPacketType::kConnect)
    return connect(packet);
  if (!inside_ || packet.nsp != "/")
    return {Broken{"packet for a namespace not entered"}};
  switch (packet.type) {
    case SocketPacketType::kEvent:
    case SocketPacketType::kBinaryEvent:
      return {Event{std::move(packet)}};
    case SocketPacketType::kDisconnect:
      inside_ = false;
      return {Left{}};
    case SocketPacketType::kAck:
    case SocketPacketType::kBinaryAck:
      return {Broken{"acknowledges what nobody asked it to"}};
    case SocketPacketType::kConnect:
    case SocketPacketType::kConnectError:
      break;
  }
  return {Broken{"packet only a server may send"}};
}

}  // namespace turnout
