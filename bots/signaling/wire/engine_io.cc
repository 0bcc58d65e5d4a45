#include "bots/signaling/wire/engine_io.h"

#include "pipelines/base/json.h"

#include <algorithm>

namespace turnout {
namespace {

Error malformed(std::string what) {
  return Error{ErrorCode::kIo, "engine.io: " + std::move(what)};
}

std::string base64(std::string_view bytes) {
  return Owned<char>(g_base64_encode(reinterpret_cast<const guchar*>(bytes.data()), bytes.size()))
      .get();
}

std::string unbase64(const std::string& text) {
  gsize size = 0;
  const Owned<char> bytes(reinterpret_cast<char*>(g_base64_decode(text.c_str(), &size)));
  return {bytes.get(), size};
}

// Bytes of the UTF-8 character that begins with `first`; 1 for what begins none.
std::size_t characterSize(char first) {
  const auto byte = static_cast<unsigned char>(first);
  return byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
}

std::size_t utf16Units(std::string_view text) {
  std::size_t units = 0;
  for (std::size_t at = 0; at < text.size(); at += characterSize(text[at]))
    units += characterSize(text[at]) == 4 ? 2 : 1;
  return units;
}

// Takes "LENGTH:PACKET" off the front of `body`.
Result<std::string_view> takeCounted(std::string_view& body) {
  constexpr std::size_t kMaxDigits = 9;
  std::size_t units = 0, at = 0;
  for (; at < body.size() && at < kMaxDigits && body[at] >= '0' && body[at] <= '9'; ++at)
    units = units * 10 + static_cast<std::size_t>(body[at] - '0');
  if (at == 0 || at >= body.size() || body[at] != ':')
    return malformed("a payload without the length of its packet");
  body.remove_prefix(at + 1);
  std::size_t end = 0;
  for (std::size_t counted = 0; counted < units; ++counted) {
    if (end >= body.size())
      return malformed("a payload that is shorter than it says");
    counted += characterSize(body[end]) == 4 ? 1 : 0;
    end = std::min(end + characterSize(body[end]), body.size());
  }
  const std::string_view text = body.substr(0, end);
  body.remove_prefix(end);
  return text;
}

}  // namespace

std::string encodeEnginePacket(const EnginePacket& packet) {
  std::string text(1, packet.is_binary ? 'b' : static_cast<char>('0' + int(packet.type)));
  return text += packet.is_binary ? base64(packet.data) : packet.data;
}

Result<EnginePacket> decodeEnginePacket(std::string_view text) {
  if (text.empty())
    return malformed("empty packet");
  const std::string_view data = text.substr(1);
  if (text[0] == 'b')
    return EnginePacket{EnginePacketType::kMessage, unbase64(std::string(data)), true};
  if (text[0] < '0' || text[0] > '6')
    return malformed("unknown packet type");
  return EnginePacket{static_cast<EnginePacketType>(text[0] - '0'), std::string(data), false};
}

std::string encodeEnginePayload(const std::vector<EnginePacket>& packets, EngineProtocol protocol) {
  std::string body;
  for (const auto& packet : packets) {
    const std::string text = encodeEnginePacket(packet);
    if (protocol == EngineProtocol::kThree)
      body += std::to_string(utf16Units(text)) + ':';
    else if (!body.empty())
      body += kEnginePacketSeparator;
    body += text;
  }
  return body;
}

Result<std::vector<EnginePacket>> decodeEnginePayload(std::string_view body,
                                                      EngineProtocol protocol) {
  std::vector<EnginePacket> packets;
  const auto add = [&](std::string_view text) -> Result<Done> {
    auto packet = decodeEnginePacket(text);
    if (!packet)
      return packet.error();
    if (packets.size() == kMaxPacketsInPayload)
      return malformed("too many packets in one payload");
    packets.push_back(*std::move(packet));
    return Done{};
  };
  if (protocol == EngineProtocol::kThree) {
    while (!body.empty()) {
      const auto text = takeCounted(body);
      if (!text)
        return text.error();
      if (const auto added = add(*text); !added)
        return added.error();
    }
    return packets;
  }
  for (std::size_t from = 0; from <= body.size();) {
    const std::size_t to = std::min(body.find(kEnginePacketSeparator, from), body.size());
    if (const auto added = add(body.substr(from, to - from)); !added)
      return added.error();
    from = to + 1;
  }
  return packets;
}

Result<std::string> engineOrigin(const std::string& url) {
  const auto server = serverUrl(url);
  if (!server)
    return server.error();
  if (!server->namesServerAlone())
    return Error{ErrorCode::kUsage,
                 "has a path or a query, where only a server can be named; write http://host:port"};
  return server->origin;
}

bool EngineHandshake::offersWebSocket() const {
  return std::find(upgrades.begin(), upgrades.end(), "websocket") != upgrades.end();
}

std::string encodeEngineHandshake(const EngineHandshake& handshake) {
  JsonWriter json;
  json.beginObject().field("sid", handshake.sid).key("upgrades").beginArray();
  for (const auto& upgrade : handshake.upgrades)
    json.string(upgrade);
  json.endArray()
      .field("pingInterval", static_cast<std::int64_t>(handshake.ping_interval.count()))
      .field("pingTimeout", static_cast<std::int64_t>(handshake.ping_timeout.count()))
      .field("maxPayload", static_cast<std::int64_t>(handshake.max_payload))
      .endObject();
  return json.take();
}

Result<EngineHandshake> decodeEngineHandshake(std::string_view json) {
  constexpr std::int64_t kDayMs = 86'400'000;
  const auto value = JsonValue::parse(json);
  if (!value)
    return malformed("handshake: " + value.error().what);
  EngineHandshake handshake;
  handshake.sid = value->stringOr("sid", "");
  const auto interval = value->integerOr("pingInterval", handshake.ping_interval.count());
  const auto timeout = value->integerOr("pingTimeout", handshake.ping_timeout.count());
  // Servers before 4.1 send no maxPayload; they accept a megabyte.
  const auto payload = value->integerOr("maxPayload", 1'000'000);
  if (handshake.sid.empty())
    return malformed("handshake without sid");
  if (interval <= 0 || interval > kDayMs || timeout <= 0 || timeout > kDayMs || payload <= 0)
    return malformed("handshake with impossible times or sizes");
  handshake.ping_interval = milliseconds(interval);
  handshake.ping_timeout = milliseconds(timeout);
  handshake.max_payload = static_cast<std::size_t>(payload);
  for (const auto& upgrade : value->get("upgrades").elements())
    handshake.upgrades.push_back(upgrade.asString().value_or(""));
  return handshake;
}

}  // namespace turnout
