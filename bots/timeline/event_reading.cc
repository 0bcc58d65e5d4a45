#include "bots/timeline/event_reading.h"

#include "bots/timeline/event_schema.h"
#include "bots/timeline/event_words.h"
#include "bots/timeline/flat_json.h"
#include "pipelines/base/json.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <string>
#include <utility>

// Each reader tells whether the value had the right type. `Json` is JsonValue or FlatJson: one text
// for both, so that they cannot disagree.
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
template <class Json>
bool read(const Json& json, std::string& value) {
  return accept(json.asString(), value);
}
template <class Json>
bool read(const Json& json, bool& value) {
  return accept(json.asBool(), value);
}

// A log may come from anywhere. These bounds are far beyond any measurement (36 years in ns) and
// keep all that is computed from it, sums and differences, from overflowing.
constexpr std::int64_t kLargestInteger = std::int64_t{1} << 60;
constexpr double kLargestNumber = 1e15;

template <class Json>
bool read(const Json& json, double& value) {
  return accept(json.asNumber(), value) && std::abs(value) <= kLargestNumber;
}
template <class Json>
bool read(const Json& json, std::int64_t& value) {
  return accept(json.asInteger(), value) && value >= 0 && value <= kLargestInteger;
}
template <class Json>
bool read(const Json& json, int& value) {
  const auto wide = json.asInteger();
  if (!wide || !std::in_range<int>(*wide))
    return false;
  value = static_cast<int>(*wide);
  return true;
}
template <class Json>
bool read(const Json& json, std::uint64_t& value) {
  const auto bits = json.asInteger();  // json-glib keeps all 64 bits of a larger number
  value = static_cast<std::uint64_t>(bits.value_or(0));
  return bits.has_value();
}
template <class Json>
bool read(const Json& json, FailureCause& value) {
  const auto word = json.asString();
  return word && accept(failureCauseFrom(*word), value);
}
template <class Json>
bool read(const Json& json, AppFault& value) {
  const auto word = json.asString();
  return word && accept(appFaultFrom(*word), value);
}
template <class Json>
bool read(const Json& json, MediaKind& value) {
  const auto word = json.asString();
  return word && readWord(kMediaKindWords, *word, value);
}
template <class Json>
bool read(const Json& json, CandidateType& value) {
  const auto word = json.asString();
  return word && readWord(kCandidateTypeWords, *word, value);
}

template <class Json, class Body>
const char* readFields(const Json& json, Body& body);
template <class Json>
bool read(const Json& json, IceCandidateInfo& value) {
  return json.isObject() && !readFields(json, value);
}

bool readDocument(const JsonValue& json, std::string& value) {
  value = json.isPresent() ? json.text() : "{}";
  return true;
}
bool readDocument(const FlatJson&, std::string&) {
  return false;  // seldom, and not flat
}

template <class Json, class Body, class Value>
bool readField(const Json& json, Body& body, const EventField<Body, Value>& field) {
  const Json value = json.get(field.key);
  if constexpr (std::same_as<Value, std::optional<double>>)
    return !value.isPresent() || read(value, (body.*field.member).emplace());
  else if constexpr (std::same_as<Value, std::string>) {
    if (field.presence == Presence::kIfFilled && !value.isPresent())
      return true;
    if (field.presence == Presence::kDocument)
      return readDocument(value, body.*field.member);
    return read(value, body.*field.member);
  } else {
    return read(value, body.*field.member);
  }
}

// The key of the first field that is missing or of a wrong type; nullptr when all were read.
template <class Json, class Body>
const char* readFields(const Json& json, Body& body) {
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
template <std::size_t I = 0, class Json>
Result<EventBody> readBody(const Json& json, std::string_view type) {
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

template <class Json>
bool readIndex(const Json& json, const char* key, int& value) {
  const Json index = json.get(key);
  return !index.isPresent() || (read(index, value) && value >= 0);
}

template <class Json>
Result<Event> readEvent(const Json& json) {
  std::int64_t at = 0;
  const auto type = json.get("type").asString();
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

std::optional<Event> readFlatEventLine(std::string_view line) {
  FlatDocument document;
  if (!document.parse(line))
    return std::nullopt;
  auto event = readEvent(document.root());
  return event ? std::optional(*std::move(event)) : std::nullopt;
}

Result<Event> readAnyEventLine(std::string_view line) {
  const auto json = JsonValue::parse(line);
  if (!json)
    return lineError(json.error().what);
  return readEvent(*json);
}

Result<Event> parseEventLine(std::string_view line) {
  if (auto event = readFlatEventLine(line))
    return *std::move(event);
  return readAnyEventLine(line);
}

}  // namespace turnout
