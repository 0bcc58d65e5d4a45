#include "pipelines/base/json.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

namespace turnout {
namespace {

// Without NUL. Most texts are, and a look for UTF-8 takes ten times as long.
bool isAscii(std::string_view text) {
  constexpr std::uint64_t kHighBits = 0x8080808080808080;
  std::uint64_t all = 0;
  std::size_t i = 0;
  for (std::uint64_t eight; i + sizeof eight <= text.size(); i += sizeof eight) {
    std::memcpy(&eight, text.data() + i, sizeof eight);
    all |= eight;
  }
  for (; i < text.size(); i++)
    all |= static_cast<unsigned char>(text[i]);
  return (all & kHighBits) == 0 && text.find('\0') == std::string_view::npos;
}

// Bytes that are not UTF-8 become U+FFFD.
std::string validText(std::string_view text) {
  std::string out;
  for (;;) {
    const std::string_view part = text.substr(0, text.find('\0'));
    const Owned<char> valid(g_utf8_make_valid(part.data(), static_cast<gssize>(part.size())));
    out += valid.get();
    if (part.size() == text.size())
      return out;
    out += '\0';
    text.remove_prefix(part.size() + 1);
  }
}

void appendEscaped(std::string& out, std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string valid;
  if (!isAscii(text) && !g_utf8_validate(text.data(), static_cast<gssize>(text.size()), nullptr)) {
    valid = validText(text);
    text = valid;
  }
  out += '"';
  const auto isPlain = [](char c) {
    return c != '"' && c != '\\' && static_cast<unsigned char>(c) >= 0x20;
  };
  for (std::size_t at = 0; at < text.size(); ++at) {
    const std::size_t plain = at;
    while (at < text.size() && isPlain(text[at]))
      ++at;
    out += text.substr(plain, at - plain);
    if (at == text.size())
      break;
    switch (const char c = text[at]) {
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
        out += "\\u00";
        out += kHex[(c >> 4) & 15];
        out += kHex[c & 15];
    }
  }
  out += '"';
}

constexpr int kMaxDepth = 64;  // the parser is recursive
constexpr std::size_t kMostProblems = 20;
constexpr std::size_t kFewKeys = 24;  // so few are compared with each other, more are sorted

bool isDigit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

struct JsonValue::Document {
  std::string text;     // what it was parsed from
  std::string decoded;  // strings with escapes; never moves: reserved once
  std::vector<Node> nodes;
};

// Recursive descent; every function leaves at_ behind what it accepted, or reports and answers
// false.
class JsonParser {
 public:
  JsonParser(std::string_view text, std::vector<JsonProblem>& problems)
      : document_(std::make_shared<JsonValue::Document>()), problems_(problems) {
    document_->text = text;
    document_->nodes.reserve(std::min<std::size_t>(text.size() / 8 + 1, 32));
    text_ = document_->text;
    keys_.reserve(32);
  }

  std::optional<JsonValue> parse() {
    const char* bad = nullptr;
    if (!isAscii(text_) &&
        !g_utf8_validate(text_.data(), static_cast<gssize>(text_.size()), &bad)) {
      at_ = static_cast<std::size_t>(bad - text_.data());
      fail("not valid UTF-8");
    } else if (value(0, {})) {
      skipSpace();
      if (at_ < text_.size())
        expected("end of file");
    }
    tell();
    if (!places_.empty())
      return std::nullopt;
    const JsonValue::Node* root = document_->nodes.data();
    return JsonValue(std::shared_ptr<const JsonValue::Node>(std::move(document_), root));
  }

 private:
  using Kind = JsonValue::Kind;
  using Node = JsonValue::Node;
  struct Trouble {
    std::size_t place = 0;
    std::string message;
  };

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(char c) {
    if (at_ == text_.size() || text_[at_] != c)
      return false;
    ++at_;
    return true;
  }
  void skipSpace() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t'))
      ++at_;
  }

  void tell() {
    std::sort(places_.begin(), places_.end(),
              [](const Trouble& a, const Trouble& b) { return a.place < b.place; });
    for (Trouble& trouble : places_) {
      JsonProblem& problem = problems_.emplace_back();
      problem.message = std::move(trouble.message);
      for (const char c : text_.substr(0, trouble.place)) {
        if (c == '\n') {
          ++problem.line;
          problem.column = 1;
        } else if ((c & 0xc0) != 0x80) {  // not a continuation byte of UTF-8
          ++problem.column;
        }
      }
    }
  }
  void report(std::size_t place, std::string message) {
    if (places_.size() < kMostProblems)
      places_.push_back({place, std::move(message)});
  }
  bool fail(std::string message) {
    if (places_.size() == kMostProblems)  // an error of syntax is always told
      places_.pop_back();
    report(at_, std::move(message));
    return false;
  }
  bool expected(const std::string& what) { return fail("expected " + what + ", got " + here()); }

  std::string here() const {
    if (at_ == text_.size())
      return "end of file";
    if (text_[at_] == '\n' || text_[at_] == '\r')
      return "end of line";
    std::size_t length = 1;
    while (at_ + length < text_.size() && (text_[at_ + length] & 0xc0) == 0x80)
      ++length;
    if (g_ascii_iscntrl(text_[at_]))
      return "a control character";
    return std::string("'").append(text_.substr(at_, length)).append("'");
  }

  bool value(int depth, std::string_view key) {
    skipSpace();
    if (depth > kMaxDepth)
      return fail("nested deeper than " + std::to_string(kMaxDepth) + " levels");
    const std::size_t index = document_->nodes.size();
    document_->nodes.push_back({.key = key, .text = {}});
    switch (peek()) {
      case '{':
        return object(index, depth);
      case '[':
        return array(index, depth);
      case '"':
        document_->nodes[index].kind = Kind::kString;
        return string(document_->nodes[index].text);
      case 't':
        return word("true", index, Kind::kTrue);
      case 'f':
        return word("false", index, Kind::kFalse);
      case 'n':
        return word("null", index, Kind::kNull);
      default:
        return peek() == '-' || isDigit(peek()) ? number(document_->nodes[index])
                                                : expected("a value");
    }
  }

  void close(std::size_t index, Kind kind) {
    Node& node = document_->nodes[index];
    node.kind = kind;
    node.span = static_cast<std::uint32_t>(document_->nodes.size() - index);
  }

  struct KeyPlace {
    std::string_view key;
    std::size_t place = 0;
  };

  bool object(std::size_t index, int depth) {
    const std::size_t first_key = keys_.size();
    take('{');
    skipSpace();
    if (!take('}')) {
      do {
        skipSpace();
        KeyPlace key{.key = {}, .place = at_};
        if (peek() != '"')
          return expected("a key in double quotes");
        if (!string(key.key))
          return false;
        keys_.push_back(key);
        skipSpace();
        if (!take(':'))
          return expected("':' after the key");
        if (!value(depth + 1, key.key))
          return false;
        skipSpace();
      } while (take(','));
      if (!take('}'))
        return expected("',' or '}'");
    }
    reportTwins(first_key);
    keys_.resize(first_key);
    close(index, Kind::kObject);
    return true;
  }

  // keys_ from `first` on are those of one object.
  void reportTwins(std::size_t first) {
    const auto begin = keys_.begin() + static_cast<std::ptrdiff_t>(first);
    if (keys_.size() - first > kFewKeys) {
      std::sort(begin, keys_.end(), [](const KeyPlace& a, const KeyPlace& b) {
        return a.key != b.key ? a.key < b.key : a.place < b.place;
      });
      for (auto key = begin + 1; key != keys_.end(); ++key)
        if (key->key == (key - 1)->key)
          reportTwin(*key);
      return;
    }
    for (auto key = begin; key != keys_.end(); ++key)
      if (std::any_of(begin, key, [&](const KeyPlace& other) { return other.key == key->key; }))
        reportTwin(*key);
  }
  void reportTwin(const KeyPlace& key) {
    std::string name;
    appendEscaped(name, key.key.size() <= 60 ? key.key : "...");
    report(key.place, "key " + name + " is given twice in one object");
  }

  bool array(std::size_t index, int depth) {
    take('[');
    skipSpace();
    if (!take(']')) {
      do {
        if (!value(depth + 1, {}))
          return false;
        skipSpace();
      } while (take(','));
      if (!take(']'))
        return expected("',' or ']'");
    }
    close(index, Kind::kArray);
    return true;
  }

  // `into`: a part of the text when it has no escapes, of document_->decoded when it has.
  bool string(std::string_view& into) {
    take('"');
    const std::size_t start = at_;
    while (at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\\' &&
           static_cast<unsigned char>(text_[at_]) >= 0x20)
      ++at_;
    if (take('"')) {
      into = text_.substr(start, at_ - 1 - start);
      return true;
    }
    std::string& decoded = document_->decoded;
    if (decoded.capacity() < text_.size())
      decoded.reserve(text_.size());  // no string is longer decoded than written
    const std::size_t from = decoded.size();
    decoded.append(text_.substr(start, at_ - start));
    while (at_ < text_.size() && text_[at_] != '"') {
      if (static_cast<unsigned char>(text_[at_]) < 0x20)
        return expected("'\"' at the end of the string");
      if (!take('\\'))
        decoded += text_[at_++];
      else if (!escape(decoded))
        return false;
    }
    into = std::string_view(decoded).substr(from);
    return take('"') || expected("'\"' at the end of the string");
  }

  bool escape(std::string& decoded) {
    static constexpr std::string_view kWritten = "\"\\/bfnrt", kMeant = "\"\\/\b\f\n\r\t";
    if (take('u'))
      return codeUnit(decoded);
    const std::size_t which = at_ == text_.size() ? std::string::npos : kWritten.find(peek());
    if (which == std::string::npos)
      return expected("one of \" \\ / b f n r t u after a backslash");
    decoded += kMeant[which];
    ++at_;
    return true;
  }

  // Half a surrogate pair is grammatical, and no text.
  bool codeUnit(std::string& decoded) {
    const std::size_t start = at_;
    gunichar unit = 0, second = 0;
    if (!hexDigits(unit))
      return false;
    if (unit >= 0xd800 && unit <= 0xdbff && text_.substr(at_).starts_with("\\u")) {
      at_ += 2;
      if (!hexDigits(second))
        return false;
      if (second >= 0xdc00 && second <= 0xdfff)
        unit = 0x10000 + ((unit - 0xd800) << 10) + (second - 0xdc00);
    }
    if (unit != 0 && (unit < 0xd800 || unit > 0xdfff)) {
      char bytes[6];
      decoded.append(bytes, static_cast<std::size_t>(g_unichar_to_utf8(unit, bytes)));
      return true;
    }
    at_ = start;
    return fail(unit == 0 ? "\\u0000 in a string" : "half a surrogate pair after \\u");
  }

  bool hexDigits(gunichar& value) {
    value = 0;
    for (int i = 0; i < 4; i++, ++at_) {
      if (!g_ascii_isxdigit(peek()))
        return expected("four hexadecimal digits after \\u");
      value = value * 16 + static_cast<gunichar>(g_ascii_xdigit_value(peek()));
    }
    return true;
  }

  bool digits() {
    if (!isDigit(peek()))
      return expected("a digit");
    while (isDigit(peek()))
      ++at_;
    return true;
  }

  bool number(Node& node) {
    const std::size_t start = at_;
    take('-');
    if (take('0')) {
      if (isDigit(peek()))
        return fail("a number may not begin with 0");
    } else if (!digits()) {
      return false;
    }
    const std::size_t whole = at_;
    if (take('.') && !digits())
      return false;
    if (take('e') || take('E')) {
      if (!take('+'))
        take('-');
      if (!digits())
        return false;
    }
    node.text = text_.substr(start, at_ - start);
    const bool fits =
        std::from_chars(node.text.data(), node.text.data() + node.text.size(), node.integer).ec ==
        std::errc();
    node.kind = at_ == whole && fits ? Kind::kInteger : Kind::kDecimal;
    return true;
  }

  bool word(std::string_view expected_word, std::size_t index, Kind kind) {
    if (!text_.substr(at_).starts_with(expected_word))
      return expected("a value");
    at_ += expected_word.size();
    document_->nodes[index].kind = kind;
    return true;
  }

  std::shared_ptr<JsonValue::Document> document_;
  std::string_view text_;  // document_->text
  std::size_t at_ = 0;
  std::vector<KeyPlace> keys_;  // of the objects that are open, the innermost last
  std::vector<Trouble> places_;
  std::vector<JsonProblem>& problems_;
};

std::optional<JsonValue> JsonValue::parse(std::string_view text,
                                          std::vector<JsonProblem>& problems) {
  return JsonParser(text, problems).parse();
}

Result<JsonValue> JsonValue::parse(std::string_view text) {
  std::vector<JsonProblem> problems;
  if (auto value = parse(text, problems))
    return *std::move(value);
  return Error{ErrorCode::kBadScenario, problems.front().message};
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

const char* JsonValue::typeName() const {
  if (!isPresent())
    return "nothing";
  switch (node_->kind) {
    case Kind::kNull:
      return "null";
    case Kind::kTrue:
    case Kind::kFalse:
      return "true or false";
    case Kind::kInteger:
      return "an integer";
    case Kind::kDecimal:
      return "a number";
    case Kind::kString:
      return "a string";
    case Kind::kArray:
      return "an array";
    case Kind::kObject:
      return "an object";
  }
  return "";
}

template <class Visit>
void JsonValue::eachChild(Visit visit) const {
  const Node* const end = node_.get() + node_->span;
  for (const Node* child = node_.get() + 1; child != end; child += child->span)
    visit(JsonValue(std::shared_ptr<const Node>(node_, child)));
}

JsonValue JsonValue::get(std::string_view key) const {
  if (!isObject())
    return {};
  const Node* const end = node_.get() + node_->span;
  for (const Node* child = node_.get() + 1; child != end; child += child->span)
    if (child->key == key)
      return JsonValue(std::shared_ptr<const Node>(node_, child));
  return {};
}

JsonValue JsonValue::at(std::string_view path) const {
  JsonValue place = *this;
  while (!path.empty() && place.isPresent()) {
    if (path.front() == '[') {
      const std::size_t end = std::min(path.find(']'), path.size());
      const std::string_view index = path.substr(1, end - 1);
      std::size_t which = 0;
      const auto read = std::from_chars(index.data(), index.data() + index.size(), which);
      const auto elements = place.elements();
      const bool exists = read.ec == std::errc() && read.ptr == index.data() + index.size() &&
                          which < elements.size();
      place = exists ? elements[which] : JsonValue();
      path.remove_prefix(std::min(end + 1, path.size()));
    } else {
      const std::size_t end = std::min(path.find_first_of(".["), path.size());
      place = place.get(path.substr(0, end));
      path.remove_prefix(end);
    }
    if (path.starts_with('.'))
      path.remove_prefix(1);
  }
  return place;
}

std::vector<std::string> JsonValue::keys() const {
  std::vector<std::string> names;
  if (isObject())
    eachChild([&](const JsonValue& child) { names.emplace_back(child.node_->key); });
  return names;
}

std::vector<std::pair<std::string, JsonValue>> JsonValue::members() const {
  std::vector<std::pair<std::string, JsonValue>> all;
  if (isObject())
    eachChild([&](JsonValue child) {
      std::string key(child.node_->key);
      all.emplace_back(std::move(key), std::move(child));
    });
  return all;
}

std::vector<JsonValue> JsonValue::elements() const {
  std::vector<JsonValue> values;
  if (isArray())
    eachChild([&](JsonValue child) { values.push_back(std::move(child)); });
  return values;
}

std::optional<std::string> JsonValue::asString() const {
  return isString() ? std::optional<std::string>(node_->text) : std::nullopt;
}
std::optional<std::string_view> JsonValue::asText() const {
  return isString() ? std::optional(node_->text) : std::nullopt;
}
std::optional<std::int64_t> JsonValue::asInteger() const {
  return isInteger() ? std::optional(node_->integer) : std::nullopt;
}
std::optional<std::uint64_t> JsonValue::asUnsigned() const {
  if (!isNumber())
    return std::nullopt;
  std::uint64_t value = 0;
  const char* const end = node_->text.data() + node_->text.size();
  const auto read = std::from_chars(node_->text.data(), end, value);
  return read.ec == std::errc() && read.ptr == end ? std::optional(value) : std::nullopt;
}
std::optional<double> JsonValue::asNumber() const {
  double value = 0;
  if (!isNumber())
    return std::nullopt;
  if (isInteger())
    return static_cast<double>(node_->integer);
  const auto read =
      std::from_chars(node_->text.data(), node_->text.data() + node_->text.size(), value);
  if (read.ec == std::errc::result_out_of_range)  // which of both ends, it does not tell
    value = g_ascii_strtod(std::string(node_->text).c_str(), nullptr);
  return value;
}
std::optional<bool> JsonValue::asBool() const {
  return isBool() ? std::optional(is(Kind::kTrue)) : std::nullopt;
}
std::string JsonValue::stringOr(std::string_view key, std::string other) const {
  return get(key).asString().value_or(std::move(other));
}
std::int64_t JsonValue::integerOr(std::string_view key, std::int64_t other) const {
  return get(key).asInteger().value_or(other);
}
double JsonValue::numberOr(std::string_view key, double other) const {
  return get(key).asNumber().value_or(other);
}
bool JsonValue::boolOr(std::string_view key, bool other) const {
  return get(key).asBool().value_or(other);
}

std::string JsonValue::text() const {
  JsonWriter out;
  if (isPresent())
    write(out);
  else
    out.null();
  return out.take();
}

void JsonValue::write(JsonWriter& out) const {
  if (isObject()) {
    out.beginObject();
    eachChild([&](const JsonValue& child) { child.write(out.key(child.node_->key)); });
    out.endObject();
  } else if (isArray()) {
    out.beginArray();
    eachChild([&](const JsonValue& child) { child.write(out); });
    out.endArray();
  } else if (isString()) {
    out.string(node_->text);
  } else if (isBool()) {
    out.boolean(is(Kind::kTrue));
  } else if (isInteger()) {
    out.integer(*asInteger());
  } else if (isNumber() && std::isfinite(*asNumber())) {
    char digits[32];  // the shortest text that reads back as the same number
    const auto end = std::to_chars(digits, digits + sizeof digits, *asNumber());
    const std::string_view text(digits, end.ptr);
    const bool looks_integer = text.find_first_of(".e") == std::string_view::npos;
    out.raw(std::string(text) + (looks_integer ? ".0" : ""));
  } else {
    out.null();
  }
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
