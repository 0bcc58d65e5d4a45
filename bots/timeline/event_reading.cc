#include "bots/timeline/event_schema.h"
#include "pipelines/base/json.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <string>
#include <utility>

// Each reader tells whether the value had the right type.
namespace turnout {
namespace {

template <class Enum, std::size_t N>
bool readWord(const std::array<std::string_view, N>& words, std::string_view word, Enum& value) {
  const auto* found = std::find(words.begin(), words.end(), word);
  if (found == words.end())
    return false;
  value = static_cast<Enum>(found - words.begin());
  return true;
}

template <class From, class To>
bool accept(std::optional<From> from, To& to) {
  if (from)
    to = std::move(*from);
  return from.has_value();
}
bool read(const JsonValue& json, std::string& value) {
  return accept(json.asText(), value);
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
  return accept(json.asUnsigned(), value);
}
bool read(const JsonValue& json, FailureCause& value) {
  const auto word = json.asText();
  return word && accept(failureCauseFrom(*word), value);
}
bool read(const JsonValue& json, AppFault& value) {
  const auto word = json.asText();
  return word && accept(appFaultFrom(*word), value);
}
bool read(const JsonValue& json, StepKind& value) {
  const auto word = json.asText();
  return word && accept(stepKindFrom(*word), value);
}
template <EnumWithWords Enum>
bool read(const JsonValue& json, Enum& value) {
  const auto word = json.asText();
  return word && readWord(kEventWords<Enum>, *word, value);
}

template <class Body>
const char* readFields(const JsonValue& json, Body& body);
bool read(const JsonValue& json, IceCandidateInfo& value) {
  return json.isObject() && !readFields(json, value);
}

bool readDocument(const JsonValue& json, std::string& value) {
  value = json.isPresent() ? json.text() : "{}";
  return true;
}

template <class Body, class Value>
bool readField(const JsonValue& json, Body& body, const EventField<Body, Value>& field) {
  const JsonValue value = json.get(field.key);
  if constexpr (kIsOptional<Value>)
    return !value.isPresent() || read(value, (body.*field.member).emplace());
  else if constexpr (std::same_as<Value, std::string>) {
    if (field.presence == Presence::kIfFilled && !value.isPresent())
      return true;
    if (field.presence == Presence::kDocument)
      return readDocument(value, body.*field.member);
    return read(value, body.*field.member);
  } else {
    if (EnumWithWords<Value> && field.presence == Presence::kIfFilled && !value.isPresent())
      return true;
    return read(value, body.*field.member);
  }
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

Result<Event> readEvent(const JsonValue& json) {
  std::int64_t at = 0;
  const auto type = json.get("type").asText();
  if (!read(json.get("t_ns"), at) || !type)
    return lineError("t_ns and type are needed");
  Event event;
  event.at = fromNs(at);
  if (!readIndex(json, "call", event.call) || !readIndex(json, "bot", event.bot) ||
      !readIndex(json, "peer", event.peer) || !readIndex(json, "round", event.round))
    return lineError(std::string(*type) + ": call, bot, peer and round are numbers from 0");
  auto body = readBody(json, *type);
  if (!body)
    return body.error();
  event.body = *std::move(body);
  return event;
}

}  // namespace

Result<Event> parseEventLine(std::string_view line) {
  const auto json = JsonValue::parse(line);
  return json ? readEvent(*json) : lineError(json.error().what);
}

}  // namespace turnout
