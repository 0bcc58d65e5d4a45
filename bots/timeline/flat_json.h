// The JSON of almost every event line, read in place: one object, in it at most one level of
// objects; strings of printable ASCII without escapes; integers of at most 18 digits, decimals
// without an exponent; true and false. parse() refuses all else, good or bad, and its caller then
// asks JsonValue, so this only ever answers sooner, never differently. Ten times as fast, and a log
// has millions of lines.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace turnout {

class FlatJson;

class FlatDocument {
 public:
  bool parse(std::string_view line);  // `line` must outlive what is read from it
  FlatJson root() const;

 private:
  friend class FlatJson;
  enum class Kind { kString, kInteger, kDecimal, kBool, kObject };
  struct Member {
    std::string_view key, text;  // of a string without its quotes
    Kind kind = Kind::kString;
    int object = 0;  // the one it is in: 0 is the root, else 1 + the index of the member it is of
  };

  bool object(int index, int depth);
  bool member(int object, int depth);
  bool value(Member& member, int index, int depth);
  bool string(std::string_view& text);
  bool number(Member& member);
  bool digits();
  bool take(char c);
  bool takeWord(std::string_view word, Member& member);
  char peek() const { return at_ < line_.size() ? line_[at_] : '\0'; }

  std::array<Member, 32> members_;
  std::size_t count_ = 0;
  std::string_view line_;
  std::size_t at_ = 0;
};

// One value; the readers answer as those of JsonValue (pipelines/base/json.h) do.
class FlatJson {
 public:
  bool isPresent() const { return document_ != nullptr; }
  bool isObject() const { return isPresent() && (!member_ || isOf(FlatDocument::Kind::kObject)); }
  FlatJson get(std::string_view key) const;
  std::optional<std::string_view> asString() const;
  std::optional<std::int64_t> asInteger() const;
  std::optional<double> asNumber() const;
  std::optional<bool> asBool() const;

 private:
  friend class FlatDocument;
  FlatJson() = default;
  FlatJson(const FlatDocument* document, const FlatDocument::Member* member)
      : document_(document), member_(member) {}
  bool isOf(FlatDocument::Kind kind) const { return member_ && member_->kind == kind; }

  const FlatDocument* document_ = nullptr;        // absent: no such value
  const FlatDocument::Member* member_ = nullptr;  // absent: the root
};

}  // namespace turnout
