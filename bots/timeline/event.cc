#include "bots/timeline/event.h"

#include "bots/timeline/event_schema.h"
#include "pipelines/base/json.h"

#include <concepts>
#include <cstddef>

namespace turnout {
namespace {

void write(JsonWriter& json, const std::string& value) {
  json.string(value);
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
void write(JsonWriter& json, EnumWithWords auto value) {
  json.string(kEventWords<decltype(value)>[static_cast<std::size_t>(value)]);
}
void write(JsonWriter& json, StepKind value) {
  json.string(toString(value));
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
  if constexpr (kIsOptional<Value>) {
    if (value) {
      json.key(field.key);
      write(json, *value);
    }
  } else if constexpr (std::same_as<Value, std::string>) {
    if (field.presence == Presence::kIfFilled && value.empty())
      return;
    if (field.presence == Presence::kDocument) {
      json.key(field.key).raw(value.empty() ? "{}" : value);
      return;
    }
  } else if constexpr (EnumWithWords<Value>) {
    if (field.presence == Presence::kIfFilled && value == Value{})
      return;
  }
  if constexpr (!kIsOptional<Value>) {
    json.key(field.key);
    write(json, value);
  }
}

template <class Body>
void writeFields(JsonWriter& json, const Body& body) {
  std::apply([&](const auto&... field) { (writeField(json, body, field), ...); },
             Schema<Body>::kFields);
}

}  // namespace

std::string hostProcess(int host) {
  return "host-" + std::to_string(host);
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

}  // namespace turnout
