#include "bots/timeline/flat_json.h"

#include <charconv>

namespace turnout {
namespace {

constexpr std::size_t kMostDigits = 18;  // any such integer fits into 64 bits

bool isDigit(char c) {
  return c >= '0' && c <= '9';
}

template <class Number>
std::optional<Number> numberOf(std::string_view text) {
  Number value{};
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  return read.ec == std::errc() ? std::optional(value) : std::nullopt;
}

}  // namespace

bool FlatDocument::parse(std::string_view line) {
  line_ = line;
  at_ = 0;
  count_ = 0;
  return object(0, 0) && at_ == line_.size();
}

bool FlatDocument::take(char c) {
  if (peek() != c)
    return false;
  at_++;
  return true;
}

// `index` of the object itself, as in Member::object.
bool FlatDocument::object(int index, int depth) {
  if (!take('{'))
    return false;
  if (take('}'))
    return true;
  do {
    if (!member(index, depth))
      return false;
  } while (take(','));
  return take('}');
}

bool FlatDocument::member(int object, int depth) {
  if (count_ == members_.size())
    return false;
  const std::size_t index = count_;
  Member& member = members_[index];
  member.object = object;
  if (!string(member.key) || !take(':'))
    return false;
  for (std::size_t i = 0; i < index; i++) {  // a key given twice is no event
    if (members_[i].object == object && members_[i].key == member.key)
      return false;
  }
  count_++;
  return value(member, static_cast<int>(index) + 1, depth);
}

bool FlatDocument::value(Member& member, int index, int depth) {
  switch (peek()) {
    case '"':
      member.kind = Kind::kString;
      return string(member.text);
    case 't':
      return takeWord("true", member);
    case 'f':
      return takeWord("false", member);
    case '{':
      member.kind = Kind::kObject;
      return depth == 0 && object(index, depth + 1);
    default:
      return number(member);
  }
}

bool FlatDocument::takeWord(std::string_view word, Member& member) {
  member.kind = Kind::kBool;
  member.text = line_.substr(at_, word.size());
  at_ += word.size();
  return member.text == word;
}

bool FlatDocument::string(std::string_view& text) {
  if (!take('"'))
    return false;
  const std::size_t start = at_;
  for (; at_ < line_.size(); at_++) {
    const char c = line_[at_];
    if (c == '"') {
      text = line_.substr(start, at_++ - start);
      return true;
    }
    if (c < ' ' || c > '~' || c == '\\')
      return false;
  }
  return false;
}

bool FlatDocument::digits() {
  const std::size_t start = at_;
  while (isDigit(peek()))
    at_++;
  return at_ > start && at_ - start <= kMostDigits;
}

bool FlatDocument::number(Member& member) {
  const std::size_t start = at_;
  take('-');
  const bool zero_first = peek() == '0';
  const std::size_t whole = at_;
  if (!digits() || (zero_first && at_ - whole > 1))
    return false;
  member.kind = Kind::kInteger;
  if (take('.')) {
    member.kind = Kind::kDecimal;
    if (!digits())
      return false;
  }
  member.text = line_.substr(start, at_ - start);
  return true;  // an exponent is left, which is no ',' or '}'
}

FlatJson FlatDocument::root() const {
  return {this, nullptr};
}

FlatJson FlatJson::get(std::string_view key) const {
  if (!isObject())
    return {};
  const int object = member_ ? static_cast<int>(member_ - document_->members_.data()) + 1 : 0;
  for (std::size_t i = 0; i < document_->count_; i++) {
    const auto& member = document_->members_[i];
    if (member.object == object && member.key == key)
      return {document_, &member};
  }
  return {};
}

std::optional<std::string_view> FlatJson::asString() const {
  return isOf(FlatDocument::Kind::kString) ? std::optional(member_->text) : std::nullopt;
}
std::optional<std::int64_t> FlatJson::asInteger() const {
  return isOf(FlatDocument::Kind::kInteger) ? numberOf<std::int64_t>(member_->text) : std::nullopt;
}
std::optional<double> FlatJson::asNumber() const {
  const bool is_number = isOf(FlatDocument::Kind::kInteger) || isOf(FlatDocument::Kind::kDecimal);
  return is_number ? numberOf<double>(member_->text) : std::nullopt;
}
std::optional<bool> FlatJson::asBool() const {
  return isOf(FlatDocument::Kind::kBool) ? std::optional(member_->text == "true") : std::nullopt;
}

}  // namespace turnout
