// JSON in and out: JsonValue reads a text, JsonWriter writes one.
//
// The reader is ours, not json-glib's, whose parser takes more than JSON (single quotes, hex
// numbers, several documents), keeps the last of two equal keys without a word, wraps integers that
// do not fit, cuts strings at \u0000 and names places only roughly. It takes RFC 8259 and nothing
// else, in one pass, in time and memory linear in the text (n log n in the keys of one object): it
// also reads what strangers send. The writer is ours because reports and plans must be the same
// byte for byte (fixed precision, chosen order of keys).
//
// Pure; a JsonValue may be read from any thread.
#pragma once

#include "pipelines/base/gobject_ref.h"
#include "pipelines/base/result.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace turnout {

// Why a text is not JSON, and where.
struct JsonProblem {
  std::string message;
  int line = 1;    // 1..
  int column = 1;  // in characters, 1..
};

// A read-only value that shares the document it was parsed with. Typed readers answer nullopt when
// the value is absent or of another type: absent is not zero.
class JsonValue {
 public:
  // Refused beside what RFC 8259 refuses: a key given twice in one object, U+0000 in a string (C
  // libraries would cut it there), nesting deeper than 64.
  static Result<JsonValue> parse(std::string_view text);
  // The same; `problems` get the first error of syntax and, before it, every key given twice (not
  // more than 20 of all). They never quote a value.
  static std::optional<JsonValue> parse(std::string_view text, std::vector<JsonProblem>& problems);
  static Result<JsonValue> parseFile(const std::string& path);

  JsonValue() = default;  // "absent"
  bool isPresent() const { return node_ != nullptr; }
  bool isNull() const { return is(Kind::kNull); }
  bool isObject() const { return is(Kind::kObject); }
  bool isArray() const { return is(Kind::kArray); }
  bool isString() const { return is(Kind::kString); }
  bool isNumber() const { return is(Kind::kInteger) || is(Kind::kDecimal); }
  bool isInteger() const { return is(Kind::kInteger); }  // written as one, and fits into 64 bits
  bool isBool() const { return is(Kind::kTrue) || is(Kind::kFalse); }
  const char* typeName() const;  // "an object", "a string", ... for error messages

  JsonValue get(std::string_view key) const;  // absent when not an object or no such key
  // A place below it, "errors[0].message"; itself when the path is empty, absent when there is none.
  JsonValue at(std::string_view path) const;
  std::vector<std::string> keys() const;                           // in document order
  std::vector<std::pair<std::string, JsonValue>> members() const;  // the same with their values
  std::vector<JsonValue> elements() const;                         // empty when not an array
  std::optional<std::string> asString() const;
  std::optional<std::string_view> asText() const;  // asString(); lives as long as the document
  std::optional<std::int64_t> asInteger() const;
  std::optional<std::uint64_t> asUnsigned() const;  // an integer from 0 to 2^64 - 1
  std::optional<double> asNumber() const;           // infinite when it does not fit: 1e400
  std::optional<bool> asBool() const;
  std::string stringOr(std::string_view key, std::string other) const;
  std::int64_t integerOr(std::string_view key, std::int64_t other) const;
  double numberOr(std::string_view key, double other) const;
  bool boolOr(std::string_view key, bool other) const;
  std::string text() const;  // compact JSON text of this value

 private:
  friend class JsonParser;
  enum class Kind : std::uint8_t {
    kNull,
    kTrue,
    kFalse,
    kInteger,
    kDecimal,
    kString,
    kArray,
    kObject
  };
  // A document is one list of nodes in the order of the text: the first child of a node comes right
  // behind it, the next sibling `span` nodes behind it.
  struct Node {
    std::string_view key;   // of a member of an object
    std::string_view text;  // of a string without quotes and escapes; of a number as written
    std::int64_t integer = 0;
    std::uint32_t span = 1;
    Kind kind = Kind::kNull;
  };
  struct Document;

  explicit JsonValue(std::shared_ptr<const Node> node) : node_(std::move(node)) {}
  bool is(Kind kind) const { return node_ && node_->kind == kind; }
  template <class Visit>
  void eachChild(Visit visit) const;
  void write(class JsonWriter& out) const;

  std::shared_ptr<const Node> node_;  // keeps the whole document
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
  // What comes from others may be anything: bytes that are not UTF-8 become U+FFFD.
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
