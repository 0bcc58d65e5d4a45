#include "bots/protocol/control_message.h"

#include "pipelines/base/json.h"

#include <concepts>
#include <optional>
#include <tuple>
#include <type_traits>

namespace turnout {
namespace {

constexpr std::string_view kReportPrefix = "{\"control\":";

// The one description of each message: its word and its fields. Writing and reading walk the same
// table, so they cannot disagree. Both ends are of one build: enumerators travel as numbers, and a
// field that is absent or of another type keeps its default.
template <class Body, class Value>
struct MessageField {
  const char* key;
  Value Body::*member;
};
template <class Body, class Value>
MessageField(const char*, Value Body::*) -> MessageField<Body, Value>;

template <class Body>
struct MessageTable;

template <>
struct MessageTable<IceServer> {
  static constexpr const char* kWord = "";  // only inside others
  static constexpr auto kFields = std::tuple{MessageField{"url", &IceServer::url},
                                             MessageField{"scheme", &IceServer::scheme},
                                             MessageField{"host", &IceServer::host},
                                             MessageField{"port", &IceServer::port},
                                             MessageField{"transport", &IceServer::transport},
                                             MessageField{"username", &IceServer::username},
                                             MessageField{"credential", &IceServer::credential},
                                             MessageField{"relay_family", &IceServer::relay_family},
                                             MessageField{"tls_verify", &IceServer::tls_verify},
                                             MessageField{"tls_ca_file", &IceServer::tls_ca_file}};
};
template <>
struct MessageTable<SignalingAccess::Value> {
  static constexpr const char* kWord = "";
  static constexpr auto kFields =
      std::tuple{MessageField{"name", &SignalingAccess::Value::name},
                 MessageField{"values", &SignalingAccess::Value::values}};
};
template <>
struct MessageTable<SignalingAccess> {
  static constexpr const char* kWord = "";
  static constexpr auto kFields =
      std::tuple{MessageField{"dialect", &SignalingAccess::dialect},
                 MessageField{"values", &SignalingAccess::values},
                 MessageField{"tls_ca_file", &SignalingAccess::tls_ca_file},
                 MessageField{"tls_verify", &SignalingAccess::tls_verify}};
};
template <>
struct MessageTable<HostSetup> {
  static constexpr const char* kWord = "setup";
  static constexpr auto kFields =
      std::tuple{MessageField{"host", &HostSetup::host},
                 MessageField{"signaling_url", &HostSetup::signaling_url},
                 MessageField{"signaling", &HostSetup::signaling},
                 MessageField{"local_addresses", &HostSetup::local_addresses},
                 MessageField{"server_requests_per_s", &HostSetup::server_requests_per_s},
                 MessageField{"scenario", &HostSetup::scenario}};
};
template <>
struct MessageTable<BotOrder> {
  static constexpr const char* kWord = "bot";
  static constexpr auto kFields = std::tuple{MessageField{"call", &BotOrder::call},
                                             MessageField{"bot", &BotOrder::bot},
                                             MessageField{"room", &BotOrder::room},
                                             MessageField{"pool", &BotOrder::pool},
                                             MessageField{"start_ns", &BotOrder::start},
                                             MessageField{"seed", &BotOrder::seed},
                                             MessageField{"relay_only", &BotOrder::relay_only},
                                             MessageField{"servers", &BotOrder::servers}};
};
template <>
struct MessageTable<ServersForCall> {
  static constexpr const char* kWord = "servers";
  static constexpr auto kFields = std::tuple{MessageField{"call", &ServersForCall::call},
                                             MessageField{"reason", &ServersForCall::reason},
                                             MessageField{"servers", &ServersForCall::servers}};
};
template <>
struct MessageTable<CallLeaves> {
  static constexpr const char* kWord = "leave";
  static constexpr auto kFields =
      std::tuple{MessageField{"call", &CallLeaves::call}, MessageField{"at_ns", &CallLeaves::at}};
};
template <>
struct MessageTable<CallStays> {
  static constexpr const char* kWord = "stay";
  static constexpr auto kFields = std::tuple{MessageField{"call", &CallStays::call}};
};
template <>
struct MessageTable<CallInterrupted> {
  static constexpr const char* kWord = "interrupt";
  static constexpr auto kFields = std::tuple{MessageField{"call", &CallInterrupted::call}};
};
template <>
struct MessageTable<PeerVanished> {
  static constexpr const char* kWord = "vanished";
  static constexpr auto kFields = std::tuple{MessageField{"call", &PeerVanished::call},
                                             MessageField{"bot", &PeerVanished::bot}};
};
template <>
struct MessageTable<HostStop> {
  static constexpr const char* kWord = "stop";
  static constexpr auto kFields = std::tuple{MessageField{"grace_ms", &HostStop::grace}};
};
template <>
struct MessageTable<HostIsReady> {
  static constexpr const char* kWord = "ready";
  static constexpr auto kFields = std::tuple{};
};
template <>
struct MessageTable<BotReport> {
  static constexpr const char* kWord = "bot";
  static constexpr auto kFields =
      std::tuple{MessageField{"call", &BotReport::call}, MessageField{"bot", &BotReport::bot},
                 MessageField{"state", &BotReport::state}, MessageField{"at_ns", &BotReport::at}};
};
template <>
struct MessageTable<HostIsDone> {
  static constexpr const char* kWord = "done";
  static constexpr auto kFields = std::tuple{};
};
template <>
struct MessageTable<Error> {
  static constexpr const char* kWord = "";
  static constexpr auto kFields =
      std::tuple{MessageField{"code", &Error::code}, MessageField{"what", &Error::what}};
};
template <>
struct MessageTable<HostFailed> {
  static constexpr const char* kWord = "failed";
  static constexpr auto kFields = std::tuple{MessageField{"error", &HostFailed::error}};
};

template <class T>
concept Enumeration = std::is_enum_v<T>;
template <class T>
concept Whole = std::integral<T> && !std::same_as<T, bool>;
template <class T>
concept Tabled = requires {
  MessageTable<T>::kFields;
};

template <Tabled Body>
void writeFields(JsonWriter& out, const Body& body);
template <Tabled Body>
void readFields(const JsonValue& in, Body& into);

void writeValue(JsonWriter& out, const std::string& value) {
  out.string(value);
}
void writeValue(JsonWriter& out, const Secret& value) {
  out.string(value.reveal());
}
void writeValue(JsonWriter& out, std::same_as<bool> auto value) {
  out.boolean(value);
}
void writeValue(JsonWriter& out, Whole auto value) {
  out.integer(static_cast<std::int64_t>(value));  // 64 bits without a sign: two's complement
}
void writeValue(JsonWriter& out, Enumeration auto value) {
  out.integer(static_cast<int>(value));
}
void writeValue(JsonWriter& out, Instant value) {
  out.integer(toNs(value));
}
void writeValue(JsonWriter& out, milliseconds value) {
  out.integer(value.count());
}
void writeValue(JsonWriter& out, const Tabled auto& value) {
  out.beginObject();
  writeFields(out, value);
  out.endObject();
}
template <class T>
void writeValue(JsonWriter& out, const std::vector<T>& values) {
  out.beginArray();
  for (const T& value : values)
    writeValue(out, value);
  out.endArray();
}

void readValue(const JsonValue& in, std::string& into) {
  into = in.asString().value_or(std::move(into));
}
void readValue(const JsonValue& in, Secret& into) {
  into = Secret(in.asString().value_or(""));
}
void readValue(const JsonValue& in, std::same_as<bool> auto& into) {
  into = in.asBool().value_or(into);
}
void readValue(const JsonValue& in, Whole auto& into) {
  if (const auto value = in.asInteger())
    into = static_cast<std::remove_reference_t<decltype(into)>>(*value);
}
void readValue(const JsonValue& in, Enumeration auto& into) {
  if (const auto value = in.asInteger())
    into = static_cast<std::remove_reference_t<decltype(into)>>(*value);
}
void readValue(const JsonValue& in, Instant& into) {
  into = fromNs(in.asInteger().value_or(0));
}
void readValue(const JsonValue& in, milliseconds& into) {
  into = milliseconds(in.asInteger().value_or(0));
}
void readValue(const JsonValue& in, Tabled auto& into) {
  readFields(in, into);
}
template <class T>
void readValue(const JsonValue& in, std::vector<T>& into) {
  for (const JsonValue& element : in.elements())
    readValue(element, into.emplace_back());
}

template <Tabled Body>
void writeFields(JsonWriter& out, const Body& body) {
  std::apply(
      [&](const auto&... field) {
        ((out.key(field.key), writeValue(out, body.*field.member)), ...);
      },
      MessageTable<Body>::kFields);
}
template <Tabled Body>
void readFields(const JsonValue& in, Body& into) {
  std::apply([&](const auto&... field) { (readValue(in.get(field.key), into.*field.member), ...); },
             MessageTable<Body>::kFields);
}

// `kind`: the key of the word.
template <class... Bodies>
std::string lineOf(const char* kind, const std::variant<Bodies...>& message) {
  JsonWriter out;
  out.beginObject();
  std::visit(
      [&](const auto& body) {
        out.field(kind, MessageTable<std::decay_t<decltype(body)>>::kWord);
        writeFields(out, body);
      },
      message);
  return out.endObject().take();
}

template <class Body, class Message>
bool readAs(const std::string& word, const JsonValue& in, std::optional<Message>& into) {
  if (word != MessageTable<Body>::kWord)
    return false;
  Body body;
  readFields(in, body);
  into = std::move(body);
  return true;
}

template <class... Bodies>
Result<std::variant<Bodies...>> messageOf(const char* kind, std::string_view line,
                                          const std::variant<Bodies...>* /*which*/) {
  const auto in = JsonValue::parse(line);
  if (!in)
    return Error{ErrorCode::kInternal, "control message: " + in.error().what};
  const std::string word = in->stringOr(kind, "");
  std::optional<std::variant<Bodies...>> message;
  if (!(readAs<Bodies>(word, *in, message) || ...))
    return Error{ErrorCode::kInternal, "control message: unknown word \"" + word + "\""};
  return *std::move(message);
}

}  // namespace

std::string commandLine(const HostCommand& command) {
  return lineOf("command", command);
}

Result<HostCommand> parseCommand(std::string_view line) {
  return messageOf("command", line, static_cast<const HostCommand*>(nullptr));
}

std::string reportLine(const HostReport& report) {
  return lineOf("control", report);
}

bool isReportLine(std::string_view line) {
  return line.substr(0, kReportPrefix.size()) == kReportPrefix;
}

Result<HostReport> parseReport(std::string_view line) {
  return messageOf("control", line, static_cast<const HostReport*>(nullptr));
}

}  // namespace turnout
