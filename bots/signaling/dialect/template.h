// Templates of a dialect: JSON in which "${name}" stands for a variable. Alone in a string it is the
// variable's value, whatever its type; within other text, its text. "${json(name)}" is the JSON text of
// the value: for apps that put JSON into a string. "$${" is a plain "${".
//
// Variables are JSON texts. Pure.
#pragma once

#include "pipelines/base/json.h"

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace turnout {

// The value of a variable as JSON text, or nullopt: it has none yet.
using VariableLookup = std::function<std::optional<std::string>(const std::string& name)>;

// A template taken to pieces once, to be filled often.
class Template {
 public:
  Template() = default;
  explicit Template(const JsonValue& json);  // filled() is JSON text
  explicit Template(std::string_view text);  // for URLs, event names: filled() is plain text
  // The text; nullopt when a variable has no value yet. In plain text a value that is no string
  // appears as JSON.
  std::optional<std::string> filled(const VariableLookup& lookup) const;
  bool isEmpty() const { return pieces_.empty(); }
  const std::string& source() const { return source_; }  // as written, in one line
  std::set<std::string> variables() const;

  struct Piece {
    enum class Kind {
      kPlain,        // as it is
      kJson,         // a variable's JSON
      kText,         // its text
      kEscapedText,  // its text, within a JSON string
      kEscapedJson,  // its JSON, within a JSON string
    };
    Kind kind = Kind::kPlain;
    std::string text;  // or the variable's name
  };

 private:
  std::string source_;
  std::vector<Piece> pieces_;
};

// What is wrong with the template, as a sentence; nullopt: nothing.
std::optional<std::string> templateProblem(const JsonValue& value);

std::set<std::string> variablesIn(const JsonValue& value);
std::set<std::string> variablesInText(std::string_view text);

// The JSON text; nullopt when a variable has no value yet.
std::optional<std::string> fill(const JsonValue& value, const VariableLookup& lookup);
// For URLs, event names and the like: plain text. A value that is no string appears as JSON.
std::optional<std::string> fillText(std::string_view text, const VariableLookup& lookup);

}  // namespace turnout
