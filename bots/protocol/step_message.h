// A Step inside a HostSetup (control_message.h): the two halves of its JSON.
#pragma once

#include "pipelines/base/json.h"
#include "scenarios/step.h"

namespace turnout {

// Both ends are of one build: enumerators travel as numbers.
template <class Enum>
void writeEnum(JsonWriter& out, const char* key, Enum value) {
  out.field(key, static_cast<int>(value));
}
template <class Enum>
Enum enumOf(const JsonValue& in) {
  return static_cast<Enum>(in.asInteger().value_or(0));
}
inline int intOf(const JsonValue& in) {
  return static_cast<int>(in.asInteger().value_or(0));
}

void writeStep(JsonWriter& out, const Step& step);
Step readStep(const JsonValue& in);

}  // namespace turnout
