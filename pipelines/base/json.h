// JSON in and out. Reading is json-glib behind a small value type; writing is ours because reports
// and plans must be byte-for-byte stable (fixed precision, chosen key order), which json-glib's
// generator does not promise.
#pragma once

#include "pipelines/base/gobject_ref.h"
#include "pipelines/base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <json-glib/json-glib.h>

namespace turnout {

template <>
struct RefOps<JsonNode> {
  static void ref(JsonNode* p) { json_node_ref(p); }
  static void unref(JsonNode* p) { json_node_unref(p); }
};

// A read-only view that shares the parsed document. Typed readers answer nullopt when the value is
// absent or of another type: absent is not zero.
class JsonValue {
 public:
  static Result<JsonValue> parse(std::string_view text);
  static Result<JsonValue> parseFile(const std::string& path);

  JsonValue() = default;  // "absent"
  bool isPresent() const { return static_cast<bool>(node_); }
  bool isNull() const;
  bool isObject() const;
  bool isArray() const;
  bool isString() const;
  bool isNumber() const;
  bool isInteger() const;
  bool isBool() const;
  const char* typeName() const;  // "an object", "a string", ... for error messages

  JsonValue get(const char* key) const;     // absent when not an object or no such key
  std::vector<std::string> keys() const;    // in document order
  std::vector<JsonValue> elements() const;  // empty when not an array
  std::optional<std::string> asString() const;
  std::optional<std::int64_t> asInteger() const;
  std::optional<double> asNumber() const;
  std::optional<bool> asBool() const;
  std::string stringOr(const char* key, std::string other) const;
  std::int64_t integerOr(const char* key, std::int64_t other) const;
  double numberOr(const char* key, double other) const;
  bool boolOr(const char* key, bool other) const;
  std::string text() const;  // compact JSON text of this value

 private:
  explicit JsonValue(Ref<JsonNode> node) : node_(std::move(node)) {}
  Ref<JsonNode> node_;
};

// Writes one JSON document, compact or indented. Non-finite numbers are written as null.
class JsonWriter {
 public:
  enum class Style { kCompact, kIndented };
  explicit JsonWriter(Style style = Style::kCompact) : style_(style) {}

  JsonWriter& beginObject();
  JsonWriter& endObject();
  JsonWriter& beginArray();
  JsonWriter& endArray();
  JsonWriter& key(std::string_view name);
  JsonWriter& string(std::string_view value);
  JsonWriter& integer(std::int64_t value);
  JsonWriter& number(double value, int decimals = 3);  // trailing zeros are dropped
  JsonWriter& boolean(bool value);
  JsonWriter& null();
  JsonWriter& raw(std::string_view json);  // an already written value

  JsonWriter& field(std::string_view name, std::string_view value) {
    return key(name).string(value);
  }
  JsonWriter& field(std::string_view name, const char* value) { return key(name).string(value); }
  JsonWriter& field(std::string_view name, const std::string& value) {
    return key(name).string(value);
  }
  JsonWriter& field(std::string_view name, std::int64_t value) { return key(name).integer(value); }
  JsonWriter& field(std::string_view name, int value) { return key(name).integer(value); }
  JsonWriter& field(std::string_view name, double value) { return key(name).number(value); }
  JsonWriter& field(std::string_view name, bool value) { return key(name).boolean(value); }

  const std::string& text() const { return out_; }
  std::string take() { return std::move(out_); }

 private:
  void beforeValue();
  void newLine();
  void close(char bracket);
  Style style_;
  std::string out_;
  int depth_ = 0;
  bool first_ = true;       // no member written yet at this depth
  bool after_key_ = false;  // a value must follow on the same line
};

}  // namespace turnout
