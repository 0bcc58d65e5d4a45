#include "pipelines/base/json.h"

#include "pipelines/base/json_syntax.h"

#include <charconv>
#include <cmath>

namespace turnout {
namespace {

bool holds(const Ref<JsonNode>& node, GType type) {
  return node && JSON_NODE_HOLDS_VALUE(node.get()) && json_node_get_value_type(node.get()) == type;
}

void appendEscaped(std::string& out, std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += "\\u00";
          out += kHex[(c >> 4) & 15];
          out += kHex[c & 15];
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

// Not json_to_string(), which writes some numbers as no JSON: 1e21 as "1e+21.0".
void write(JsonWriter& out, const JsonValue& value) {
  if (value.isObject()) {
    out.beginObject();
    for (const auto& key : value.keys())
      write(out.key(key), value.get(key.c_str()));
    out.endObject();
  } else if (value.isArray()) {
    out.beginArray();
    for (const auto& element : value.elements())
      write(out, element);
    out.endArray();
  } else if (value.isString()) {
    out.string(*value.asString());
  } else if (value.isBool()) {
    out.boolean(*value.asBool());
  } else if (value.isInteger()) {
    out.integer(*value.asInteger());
  } else if (value.isNumber() && std::isfinite(*value.asNumber())) {
    char digits[32];  // the shortest text that reads back as the same number
    const auto end = std::to_chars(digits, digits + sizeof digits, *value.asNumber());
    const std::string_view text(digits, end.ptr);
    const bool looks_integer = text.find_first_of(".e") == std::string_view::npos;
    out.raw(std::string(text) + (looks_integer ? ".0" : ""));
  } else {
    out.null();
  }
}

}  // namespace

Result<JsonValue> JsonValue::parse(std::string_view text) {
  const auto parser = Ref<JsonParser>::adopt(json_parser_new_immutable());
  Owned<GError> error;
  // json-glib takes more than JSON and recurses without bound: strict syntax first.
  if (const auto problems = jsonSyntaxProblems(text); !problems.empty())
    return Error{ErrorCode::kBadScenario, problems.front().message};
  if (!json_parser_load_from_data(parser.get(), text.data(), static_cast<gssize>(text.size()),
                                  error.out()))
    return Error{ErrorCode::kBadScenario, error->message};
  JsonNode* root = json_parser_get_root(parser.get());
  if (!root)
    return Error{ErrorCode::kBadScenario, "empty document"};
  return JsonValue(Ref<JsonNode>::share(root));
}

Result<JsonValue> JsonValue::parseFile(const std::string& path) {
  Owned<char> text;
  Owned<GError> error;
  gsize size = 0;
  if (!g_file_get_contents(path.c_str(), text.out(), &size, error.out()))
    return Error{ErrorCode::kBadScenario, error->message};
  auto value = parse({text.get(), size});
  if (!value)
    return Error{value.error().code, path + ": " + value.error().what};
  return value;
}

bool JsonValue::isNull() const {
  return node_ && JSON_NODE_HOLDS_NULL(node_.get());
}
bool JsonValue::isObject() const {
  return node_ && JSON_NODE_HOLDS_OBJECT(node_.get());
}
bool JsonValue::isArray() const {
  return node_ && JSON_NODE_HOLDS_ARRAY(node_.get());
}
bool JsonValue::isString() const {
  return holds(node_, G_TYPE_STRING);
}
bool JsonValue::isInteger() const {
  return holds(node_, G_TYPE_INT64);
}
bool JsonValue::isNumber() const {
  return isInteger() || holds(node_, G_TYPE_DOUBLE);
}
bool JsonValue::isBool() const {
  return holds(node_, G_TYPE_BOOLEAN);
}

const char* JsonValue::typeName() const {
  if (!isPresent())
    return "nothing";
  if (isObject())
    return "an object";
  if (isArray())
    return "an array";
  if (isString())
    return "a string";
  if (isBool())
    return "true or false";
  if (isInteger())
    return "an integer";
  if (isNumber())
    return "a number";
  return "null";
}

JsonValue JsonValue::get(const char* key) const {
  if (!isObject())
    return {};
  JsonNode* member = json_object_get_member(json_node_get_object(node_.get()), key);
  return member ? JsonValue(Ref<JsonNode>::share(member)) : JsonValue();
}

std::vector<std::string> JsonValue::keys() const {
  std::vector<std::string> names;
  if (!isObject())
    return names;
  GList* list = json_object_get_members(json_node_get_object(node_.get()));
  for (GList* i = list; i; i = i->next)
    names.emplace_back(static_cast<const char*>(i->data));
  g_list_free(list);
  return names;
}

std::vector<JsonValue> JsonValue::elements() const {
  std::vector<JsonValue> values;
  if (!isArray())
    return values;
  JsonArray* array = json_node_get_array(node_.get());
  const guint n = json_array_get_length(array);
  values.reserve(n);
  for (guint i = 0; i < n; i++)
    values.push_back(JsonValue(Ref<JsonNode>::share(json_array_get_element(array, i))));
  return values;
}

std::optional<std::string> JsonValue::asString() const {
  return isString() ? std::optional<std::string>(json_node_get_string(node_.get())) : std::nullopt;
}
std::optional<std::int64_t> JsonValue::asInteger() const {
  return isInteger() ? std::optional<std::int64_t>(json_node_get_int(node_.get())) : std::nullopt;
}
std::optional<double> JsonValue::asNumber() const {
  return isNumber() ? std::optional<double>(json_node_get_double(node_.get())) : std::nullopt;
}
std::optional<bool> JsonValue::asBool() const {
  return isBool() ? std::optional<bool>(json_node_get_boolean(node_.get()) != FALSE) : std::nullopt;
}
std::string JsonValue::stringOr(const char* key, std::string other) const {
  return get(key).asString().value_or(std::move(other));
}
std::int64_t JsonValue::integerOr(const char* key, std::int64_t other) const {
  return get(key).asInteger().value_or(other);
}
double JsonValue::numberOr(const char* key, double other) const {
  return get(key).asNumber().value_or(other);
}
bool JsonValue::boolOr(const char* key, bool other) const {
  return get(key).asBool().value_or(other);
}
std::string JsonValue::text() const {
  JsonWriter out;
  write(out, *this);
  return out.take();
}

void JsonWriter::newLine() {
  if (style_ == Style::kCompact)
    return;
  out_ += '\n';
  out_.append(static_cast<std::size_t>(depth_) * 2, ' ');
}

void JsonWriter::beforeValue() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (!first_)
    out_ += ',';
  if (depth_ > 0)
    newLine();
  first_ = false;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  beforeValue();
  appendEscaped(out_, name);
  out_ += style_ == Style::kCompact ? ":" : ": ";
  after_key_ = true;
  return *this;
}

JsonWriter& JsonWriter::beginObject() {
  beforeValue();
  out_ += '{';
  ++depth_;
  first_ = true;
  return *this;
}
JsonWriter& JsonWriter::beginArray() {
  beforeValue();
  out_ += '[';
  ++depth_;
  first_ = true;
  return *this;
}
void JsonWriter::close(char bracket) {
  --depth_;
  if (!first_)
    newLine();
  out_ += bracket;
  first_ = false;
}
JsonWriter& JsonWriter::endObject() {
  close('}');
  return *this;
}
JsonWriter& JsonWriter::endArray() {
  close(']');
  return *this;
}
JsonWriter& JsonWriter::string(std::string_view value) {
  beforeValue();
  appendEscaped(out_, value);
  return *this;
}
JsonWriter& JsonWriter::integer(std::int64_t value) {
  beforeValue();
  out_ += std::to_string(value);
  return *this;
}
JsonWriter& JsonWriter::number(double value, int decimals) {
  if (!std::isfinite(value))
    return null();
  beforeValue();
  char text[64];
  g_snprintf(text, sizeof text, "%.*f", decimals, value);
  std::string_view digits(text);
  if (digits.find('.') != std::string_view::npos) {
    digits = digits.substr(0, digits.find_last_not_of('0') + 1);
    if (digits.back() == '.')
      digits.remove_suffix(1);
  }
  out_ += digits == "-0" ? "0" : digits;
  return *this;
}
JsonWriter& JsonWriter::boolean(bool value) {
  beforeValue();
  out_ += value ? "true" : "false";
  return *this;
}
JsonWriter& JsonWriter::null() {
  beforeValue();
  out_ += "null";
  return *this;
}
JsonWriter& JsonWriter::raw(std::string_view json) {
  beforeValue();
  out_ += json;
  return *this;
}

}  // namespace turnout
