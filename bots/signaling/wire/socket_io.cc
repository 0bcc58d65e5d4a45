#include "bots/signaling/wire/socket_io.h"

#include <algorithm>

namespace turnout {
namespace {

Error malformed(const char* what) {
  return Error{ErrorCode::kIo, std::string("socket.io: ") + what};
}

bool isDigit(char c) {
  return c >= '0' && c <= '9';
}

// Takes leading digits off `text`; nullopt when there are none or more than fit a JSON integer.
std::optional<std::uint64_t> takeNumber(std::string_view& text) {
  constexpr std::size_t kMaxDigits = 15;
  std::uint64_t value = 0;
  std::size_t n = 0;
  for (; n < text.size() && isDigit(text[n]); n++) {
    if (n == kMaxDigits)
      return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(text[n] - '0');
  }
  if (n == 0)
    return std::nullopt;
  text.remove_prefix(n);
  return value;
}

const char* dataProblem(const SocketPacket& packet) {
  const JsonValue& data = packet.data;
  switch (packet.type) {
    case SocketPacketType::kConnect:
      return !data.isPresent() || data.isObject() ? nullptr : "connect data is not an object";
    case SocketPacketType::kDisconnect:
      return data.isPresent() ? "disconnect with data" : nullptr;
    case SocketPacketType::kConnectError:
      return data.isObject() || data.isString() ? nullptr : "connect error is not an object";
    case SocketPacketType::kEvent:
    case SocketPacketType::kBinaryEvent: {
      if (!data.isArray())
        return "event is not an array";
      const auto elements = data.elements();
      return !elements.empty() && elements[0].isString() ? nullptr : "event without a name";
    }
    case SocketPacketType::kAck:
    case SocketPacketType::kBinaryAck:
      if (!packet.id)
        return "ack without an id";
      return data.isArray() ? nullptr : "ack is not an array";
  }
  return "unknown packet type";
}

// Takes the attachment count of a binary packet: digits and a dash.
Result<unsigned> takeAttachments(std::string_view& text) {
  const auto count = takeNumber(text);
  if (!count || *count > kMaxAttachments || text.empty() || text[0] != '-')
    return malformed("bad attachment count");
  text.remove_prefix(1);
  return static_cast<unsigned>(*count);
}

Result<std::string> takeNamespace(std::string_view& text) {
  if (text.empty() || text[0] != '/')
    return std::string("/");
  const std::size_t end = std::min(text.find(','), text.size());
  if (end > kMaxNamespaceLength)
    return malformed("namespace too long");
  std::string nsp(text.substr(0, end));
  text.remove_prefix(std::min(end + 1, text.size()));
  return nsp;
}

Result<JsonValue> parseData(std::string_view json) {
  if (json.empty())
    return JsonValue();
  auto value = JsonValue::parse(json);
  return value ? std::move(value) : malformed("bad JSON");
}

}  // namespace

std::string SocketPacket::eventName() const {
  const bool is_event = type == SocketPacketType::kEvent || type == SocketPacketType::kBinaryEvent;
  return is_event ? data.elements().at(0).asString().value_or("") : "";
}

std::vector<JsonValue> SocketPacket::arguments() const {
  auto elements = data.elements();
  const bool is_ack = type == SocketPacketType::kAck || type == SocketPacketType::kBinaryAck;
  if (!is_ack && !elements.empty())
    elements.erase(elements.begin());
  return elements;
}

Result<SocketPacket> decodeSocketPacket(std::string_view text) {
  if (text.empty() || text[0] < '0' || text[0] > '6')
    return malformed("unknown packet type");
  SocketPacket packet;
  packet.type = static_cast<SocketPacketType>(text[0] - '0');
  text.remove_prefix(1);
  if (packet.isBinary()) {
    const auto count = takeAttachments(text);
    if (!count)
      return count.error();
    packet.attachments = *count;
  }
  auto nsp = takeNamespace(text);
  if (!nsp)
    return nsp.error();
  packet.nsp = *std::move(nsp);
  if (!text.empty() && isDigit(text[0])) {
    packet.id = takeNumber(text);
    if (!packet.id)
      return malformed("ack id too long");
  }
  auto data = parseData(text);
  if (!data)
    return data.error();
  packet.data = *std::move(data);
  if (const char* problem = dataProblem(packet))
    return malformed(problem);
  return packet;
}

std::string encodeSocketPacket(SocketPacketType type, std::string_view nsp,
                               std::optional<std::uint64_t> id, std::string_view json) {
  std::string text(1, static_cast<char>('0' + static_cast<int>(type)));
  if (nsp != "/")
    text.append(nsp).append(",");
  if (id)
    text += std::to_string(*id);
  return text.append(json);
}

std::string encodeSocketEvent(std::string_view nsp, std::optional<std::uint64_t> id,
                              std::string_view name, const std::vector<std::string>& arguments) {
  JsonWriter json;
  json.beginArray().string(name);
  for (const auto& argument : arguments)
    json.raw(argument);
  json.endArray();
  return encodeSocketPacket(SocketPacketType::kEvent, nsp, id, json.text());
}

Result<std::optional<SocketPacket>> SocketPacketReader::take(const EnginePacket& message) {
  if (message.is_binary != waiting_.has_value())
    return malformed(waiting_ ? "text where an attachment was due" : "attachment of no packet");
  if (waiting_) {
    if (--missing_ > 0)
      return std::optional<SocketPacket>();
    return std::exchange(waiting_, std::nullopt);
  }
  auto packet = decodeSocketPacket(message.data);
  if (!packet)
    return packet.error();
  if (packet->attachments == 0)
    return std::optional<SocketPacket>(*std::move(packet));
  missing_ = packet->attachments;
  waiting_ = *std::move(packet);
  return std::optional<SocketPacket>();
}

}  // namespace turnout
