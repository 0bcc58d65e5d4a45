#include "pipelines/base/json_syntax.h"

#include <map>
#include <string>

#include <glib.h>

namespace turnout {
namespace {

constexpr int kMaxDepth = 64;  // the reader behind this is recursive

bool isDigit(char c) {
  return c >= '0' && c <= '9';
}

// Recursive descent; every function leaves at_ after what it accepted, or reports and answers
// false.
class JsonSyntax {
 public:
  explicit JsonSyntax(std::string_view text) : text_(text) {}

  std::vector<JsonSyntaxProblem> check() {
    const char* bad = nullptr;
    if (!g_utf8_validate(text_.data(), static_cast<gssize>(text_.size()), &bad)) {
      at_ = static_cast<std::size_t>(bad - text_.data());
      fail("not valid UTF-8");
      return std::move(problems_);
    }
    if (value(0)) {
      skipSpace();
      if (at_ < text_.size())
        expected("end of file");
    }
    return std::move(problems_);
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(char c) {
    if (at_ == text_.size() || text_[at_] != c)
      return false;
    ++at_;
    return true;
  }
  void skipSpace() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string::npos)
      ++at_;
  }
  void report(std::size_t place, std::string message) {
    JsonSyntaxProblem problem{.message = std::move(message)};
    for (const char c : text_.substr(0, place)) {
      if (c == '\n') {
        ++problem.line;
        problem.column = 1;
      } else if ((c & 0xc0) != 0x80) {  // not a continuation byte of UTF-8
        ++problem.column;
      }
    }
    problems_.push_back(std::move(problem));
  }
  bool fail(std::string message) {
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

  bool value(int depth) {
    skipSpace();
    if (depth > kMaxDepth)
      return fail("nested deeper than " + std::to_string(kMaxDepth) + " levels");
    switch (peek()) {
      case '{':
        return object(depth);
      case '[':
        return array(depth);
      case '"':
        return string();
      case 't':
        return word("true");
      case 'f':
        return word("false");
      case 'n':
        return word("null");
      default:
        return peek() == '-' || isDigit(peek()) ? number() : expected("a value");
    }
  }

  bool object(int depth) {
    std::map<std::string_view, std::size_t> seen;
    take('{');
    skipSpace();
    if (take('}'))
      return true;
    do {
      skipSpace();
      const std::size_t start = at_;
      if (peek() != '"')
        return expected("a key in double quotes");
      if (!string())
        return false;
      const std::string_view key = text_.substr(start, at_ - start);
      if (!seen.emplace(key, start).second)
        report(start, "key " + std::string(key) + " is given twice in one object");
      skipSpace();
      if (!take(':'))
        return expected("':' after the key");
      if (!value(depth + 1))
        return false;
      skipSpace();
    } while (take(','));
    return take('}') || expected("',' or '}'");
  }

  bool array(int depth) {
    take('[');
    skipSpace();
    if (take(']'))
      return true;
    do {
      if (!value(depth + 1))
        return false;
      skipSpace();
    } while (take(','));
    return take(']') || expected("',' or ']'");
  }

  bool string() {
    take('"');
    while (at_ < text_.size() && text_[at_] != '"') {
      if (static_cast<unsigned char>(text_[at_]) < 0x20)
        return expected("'\"' at the end of the string");
      if (!take('\\'))
        ++at_;
      else if (!escape())
        return false;
    }
    return take('"') || expected("'\"' at the end of the string");
  }

  bool escape() {
    if (take('u'))
      return codeUnit();
    if (at_ == text_.size() || std::string_view("\"\\/bfnrt").find(peek()) == std::string::npos)
      return expected("one of \" \\ / b f n r t u after a backslash");
    ++at_;
    return true;
  }

  // Half a surrogate pair is grammatical, and no text: readers make broken UTF-8 of it.
  bool codeUnit() {
    const std::size_t start = at_;
    int unit = 0;
    if (!hexDigits(unit))
      return false;
    bool is_text = unit < 0xd800 || unit > 0xdfff;
    if (unit >= 0xd800 && unit <= 0xdbff && text_.substr(at_).starts_with("\\u")) {
      at_ += 2;
      if (!hexDigits(unit))
        return false;
      is_text = unit >= 0xdc00 && unit <= 0xdfff;
    }
    if (is_text)
      return true;
    at_ = start;
    return fail("half a surrogate pair after \\u");
  }

  bool hexDigits(int& value) {
    value = 0;
    for (int i = 0; i < 4; i++, ++at_) {
      if (!g_ascii_isxdigit(peek()))
        return expected("four hexadecimal digits after \\u");
      value = value * 16 + g_ascii_xdigit_value(peek());
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

  bool number() {
    take('-');
    if (!take('0') && !digits())
      return false;
    if (text_[at_ - 1] == '0' && isDigit(peek()))
      return fail("a number may not begin with 0");
    if (take('.') && !digits())
      return false;
    if (!take('e') && !take('E'))
      return true;
    if (!take('+'))
      take('-');
    return digits();
  }

  bool word(std::string_view expected_word) {
    if (!text_.substr(at_).starts_with(expected_word))
      return expected("a value");
    at_ += expected_word.size();
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<JsonSyntaxProblem> problems_;
};

}  // namespace

std::vector<JsonSyntaxProblem> jsonSyntaxProblems(std::string_view text) {
  return JsonSyntax(text).check();
}

}  // namespace turnout
