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

std::string encodeEnginePayload(const std::vector<EnginePacket>& packets) {
  std::string body;
  for (const auto& packet : packets) {
    if (!body.empty())
      body += kEnginePacketSeparator;
    body += encodeEnginePacket(packet);
  }
  return body;
}

Result<std::vector<EnginePacket>> decodeEnginePayload(std::string_view body) {
  std::vector<EnginePacket> packets;
  for (std::size_t from = 0; from <= body.size();) {
    const std::size_t to = std::min(body.find(kEnginePacketSeparator, from), body.size());
    auto packet = decodeEnginePacket(body.substr(from, to - from));
    if (!packet)
      return packet.error();
    if (packets.size() == kMaxPacketsInPayload)
      return malformed("too many packets in one payload");
    packets.push_back(*std::move(packet));
    from = to + 1;
  }
  return packets;
}

Result<std::string> engineOrigin(const std::string& url) {
  const auto bad = [](const std::string& why) {
    return Error{ErrorCode::kUsage, why + "; write http://host:port"};
  };
  const Owned<GUri> uri(g_uri_parse(url.c_str(), G_URI_FLAGS_NONE, nullptr));
  if (!uri || !g_uri_get_host(uri.get()) || !*g_uri_get_host(uri.get()))
    return bad("not a URL with a host");
  const std::string scheme = g_uri_get_scheme(uri.get());
  const bool is_tls = scheme == "https" || scheme == "wss";
  if (!is_tls && scheme != "http" && scheme != "ws")
    return bad("scheme " + scheme + ", not http, https, ws or wss");
  const std::string path = g_uri_get_path(uri.get());
  if ((!path.empty() && path != "/") || g_uri_get_query(uri.get()) || g_uri_get_fragment(uri.get()))
    return bad("has a path or a query, where only a server can be named");
  if (g_uri_get_userinfo(uri.get()))
    return bad("has a user name in it");
  return std::string(Owned<char>(g_uri_join(G_URI_FLAGS_NONE, is_tls ? "https" : "http", nullptr,
                                            g_uri_get_host(uri.get()), g_uri_get_port(uri.get()),
                                            "", nullptr, nullptr))
                         .get());
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
