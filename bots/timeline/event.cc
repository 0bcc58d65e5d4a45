#include "bots/timeline/event.h"

#include "bots/timeline/event_schema.h"
#include "pipelines/base/json.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>

namespace turnout {
namespace {

// Words are kept here, not taken from turnout_ice: the log's language must be readable without it.
constexpr std::array<std::string_view, 4> kCandidateTypes{"host", "srflx", "prflx", "relay"};
constexpr std::array<std::string_view, 2> kMediaKinds{"audio", "video"};

template <class Enum, std::size_t N>
bool readWord(const std::array<std::string_view, N>& words, std::string_view word, Enum& value) {
  const auto* found = std::find(words.begin(), words.end(), word);
  if (found == words.end())
    return false;
  value = static_cast<Enum>(found - words.begin());
  return true;
}

// --- writing ---

// Details may quote what the network sent; one bad byte must not cost the line.
void write(JsonWriter& json, const std::string& value) {
  if (g_utf8_validate(value.data(), static_cast<gssize>(value.size()), nullptr)) {
    json.string(value);
    return;
  }
  const Owned<char> valid(g_utf8_make_valid(value.data(), static_cast<gssize>(value.size())));
  json.string(valid.get());
}
void write(JsonWriter& json, std::same_as<bool> auto value) {
  json.boolean(value);
}
void write(JsonWriter& json, double value) {
  json.number(value);
}
void write(JsonWriter& json, int value) {
  json.integer(value);
}
void write(JsonWriter& json, std::int64_t value) {
  json.integer(value);
}
void write(JsonWriter& json, std::uint64_t value) {
  json.raw(std::to_string(value));
}
void write(JsonWriter& json, FailureCause value) {
  json.string(toString(value));
}
void write(JsonWriter& json, AppFault value) {
  json.string(toString(value));
}
void write(JsonWriter& json, MediaKind value) {
  json.string(kMediaKinds[static_cast<std::size_t>(value)]);
}
void write(JsonWriter& json, CandidateType value) {
  json.string(candidateTypeWord(value));
}

template <class Body>
void writeFields(JsonWriter& json, const Body& body);
void write(JsonWriter& json, const IceCandidateInfo& value) {
  json.beginObject();
  writeFields(json, value);
  json.endObject();
}

template <class Body, class Value>
void writeField(JsonWriter& json, const Body& body, const EventField<Body, Value>& field) {
  const Value& value = body.*field.member;
  if constexpr (std::same_as<Value, std::string>) {
    if (field.presence == Presence::kIfFilled && value.empty())
      return;
    if (field.presence == Presence::kDocument) {
      json.key(field.key).raw(value.empty() ? "{}" : value);
      return;
    }
  }
  json.key(field.key);
  write(json, value);
}

template <class Body>
void writeFields(JsonWriter& json, const Body& body) {
  std::apply([&](const auto&... field) { (writeField(json, body, field), ...); },
             Schema<Body>::kFields);
}

// --- reading: each reader tells whether the value had the right type ---

template <class Value>
bool accept(std::optional<Value> from, Value& to) {
  if (from)
    to = std::move(*from);
  return from.has_value();
}
bool read(const JsonValue& json, std::string& value) {
  return accept(json.asString(), value);
}
bool read(const JsonValue& json, bool& value) {
  return accept(json.asBool(), value);
}

// A log may come from anywhere. These bounds are far beyond any measurement (36 years in ns) and
// keep all that is computed from it, sums and differences, from overflowing.
constexpr std::int64_t kLargestInteger = std::int64_t{1} << 60;
constexpr double kLargestNumber = 1e15;

bool read(const JsonValue& json, double& value) {
  return accept(json.asNumber(), value) && std::abs(value) <= kLargestNumber;
}
bool read(const JsonValue& json, std::int64_t& value) {
  return accept(json.asInteger(), value) && value >= 0 && value <= kLargestInteger;
}
bool read(const JsonValue& json, int& value) {
  const auto wide = json.asInteger();
  if (!wide || !std::in_range<int>(*wide))
    return false;
  value = static_cast<int>(*wide);
  return true;
}
bool read(const JsonValue& json, std::uint64_t& value) {
  const auto bits = json.asInteger();  // json-glib keeps all 64 bits of a larger number
  value = static_cast<std::uint64_t>(bits.value_or(0));
  return bits.has_value();
}
bool read(const JsonValue& json, FailureCause& value) {
  const auto word = json.asString();
  return word && accept(failureCauseFrom(*word), value);
}
bool read(const JsonValue& json, AppFault& value) {
  const auto word = json.asString();
  return word && accept(appFaultFrom(*word), value);
}
bool read(const JsonValue& json, MediaKind& value) {
  const auto word = json.asString();
  return word && readWord(kMediaKinds, *word, value);
}
bool read(const JsonValue& json, CandidateType& value) {
  const auto word = json.asString();
  return word && readWord(kCandidateTypes, *word, value);
}

template <class Body>
const char* readFields(const JsonValue& json, Body& body);
bool read(const JsonValue& json, IceCandidateInfo& value) {
  return json.isObject() && !readFields(json, value);
}

template <class Body, class Value>
bool readField(const JsonValue& json, Body& body, const EventField<Body, Value>& field) {
  const JsonValue value = json.get(field.key);
  if constexpr (std::same_as<Value, std::string>) {
    if (field.presence == Presence::kIfFilled && !value.isPresent())
      return true;
    if (field.presence == Presence::kDocument) {
      body.*field.member = value.isPresent() ? value.text() : "{}";
      return true;
    }
  }
  return read(value, body.*field.member);
}

// The key of the first field that is missing or of a wrong type; nullptr when all were read.
template <class Body>
const char* readFields(const JsonValue& json, Body& body) {
  const char* bad = nullptr;
  std::apply(
      [&](const auto&... field) {
        ((bad == nullptr && !readField(json, body, field) ? void(bad = field.key) : void()), ...);
      },
      Schema<Body>::kFields);
  return bad;
}

Error lineError(const std::string& what) {
  return Error{ErrorCode::kBadScenario, "event: " + what};
}

// Tries each alternative of EventBody in turn until the type word matches.
template <std::size_t I = 0>
Result<EventBody> readBody(const JsonValue& json, std::string_view type) {
  if constexpr (I == std::variant_size_v<EventBody>) {
    return lineError("unknown type \"" + std::string(type) + "\"");
  } else {
    using Body = std::variant_alternative_t<I, EventBody>;
    if (type != Schema<Body>::kType)
      return readBody<I + 1>(json, type);
    Body body;
    if (const char* key = readFields(json, body))
      return lineError(std::string(type) + ": " + key + " is missing or of a wrong kind");
    return EventBody(std::move(body));
  }
}

bool readIndex(const JsonValue& json, const char* key, int& value) {
  const JsonValue index = json.get(key);
  return !index.isPresent() || (read(index, value) && value >= 0);
}

}  // namespace

std::string_view candidateTypeWord(CandidateType type) {
  return kCandidateTypes[static_cast<std::size_t>(type)];
}

std::string eventLine(const Event& event) {
  JsonWriter json;
  json.beginObject().field("t_ns", toNs(event.at));
  std::visit(
      [&](const auto& body) {
        using Body = std::decay_t<decltype(body)>;
        json.field("type", Schema<Body>::kType);
        if (event.call >= 0)
          json.field("call", event.call);
        if (event.bot >= 0)
          json.field("bot", event.bot);
        if (event.peer >= 0)
          json.field("peer", event.peer);
        if (event.round > 1)
          json.field("round", event.round);
        writeFields(json, body);
      },
      event.body);
  return json.endObject().take();
}

Result<Event> parseEventLine(std::string_view line) {
  const auto json = JsonValue::parse(line);
  if (!json)
    return lineError(json.error().what);
  std::int64_t at = 0;
  const auto type = json->get("type").asString();
  if (!read(json->get("t_ns"), at) || !type)
    return lineError("t_ns and type are needed");
  Event event;
  event.at = fromNs(at);
  if (!readIndex(*json, "call", event.call) || !readIndex(*json, "bot", event.bot) ||
      !readIndex(*json, "peer", event.peer) || !readIndex(*json, "round", event.round))
    return lineError(*type + ": call, bot, peer and round are numbers from 0");
  auto body = readBody(*json, *type);
  if (!body)
    return body.error();
  event.body = *std::move(body);
  return event;
}

}  // namespace turnout
