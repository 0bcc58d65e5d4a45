#include "bots/signaling/dialect/template.h"

#include <algorithm>
#include <vector>

namespace turnout {
namespace {

// A piece of a text: plain, or a variable.
struct Piece {
  std::string text;  // plain text, or the variable's name
  bool is_variable = false;
  bool as_json = false;
};

struct Pieces {
  std::vector<Piece> all;
  std::string problem;  // empty: none
};

bool isNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.';
}

Pieces piecesOf(std::string_view text) {
  Pieces pieces;
  std::string plain;
  const auto endPlain = [&] {
    if (!plain.empty())
      pieces.all.push_back({std::exchange(plain, {})});
  };
  for (std::size_t at = 0; at < text.size();) {
    if (text.substr(at).starts_with("$${")) {
      plain += "${";
      at += 3;
      continue;
    }
    if (!text.substr(at).starts_with("${")) {
      plain += text[at++];
      continue;
    }
    const std::size_t end = text.find('}', at);
    if (end == std::string_view::npos) {
      pieces.problem = "\"${\" without its \"}\"";
      return pieces;
    }
    std::string_view name = text.substr(at + 2, end - at - 2);
    const bool as_json = name.starts_with("json(") && name.ends_with(")");
    if (as_json)
      name = name.substr(5, name.size() - 6);
    bool is_name = !name.empty();
    for (const char c : name)
      is_name = is_name && isNameCharacter(c);
    if (!is_name) {
      pieces.problem = "\"" + std::string(text.substr(at, end - at + 1)) +
                       "\": a variable is letters, digits, '_' and '.'";
      return pieces;
    }
    endPlain();
    pieces.all.push_back({std::string(name), true, as_json});
    at = end + 1;
  }
  endPlain();
  return pieces;
}

// Every string in it, keys included.
void eachText(const JsonValue& value, const std::function<void(const std::string&)>& f) {
  if (const auto text = value.asString())
    return f(*text);
  for (const JsonValue& element : value.elements())
    eachText(element, f);
  if (value.isObject())
    for (const std::string& key : value.keys()) {
      f(key);
      eachText(value.get(key.c_str()), f);
    }
}

std::string plainText(const std::string& json) {
  const auto value = JsonValue::parse(json);
  if (value.hasValue())
    if (auto text = value->asString())
      return *text;
  return json;
}

std::optional<std::string> filledText(const Pieces& pieces, const VariableLookup& lookup) {
  std::string text;
  for (const Piece& piece : pieces.all) {
    if (!piece.is_variable) {
      text += piece.text;
      continue;
    }
    const auto value = lookup(piece.text);
    if (!value)
      return std::nullopt;
    text += piece.as_json ? *value : plainText(*value);
  }
  return text;
}

// The name in a text that is "${name}" and nothing else, as most are; empty: it is not.
std::string_view soleVariable(std::string_view text) {
  if (!text.starts_with("${") || !text.ends_with("}"))
    return {};
  const std::string_view name = text.substr(2, text.size() - 3);
  return std::all_of(name.begin(), name.end(), isNameCharacter) ? name : std::string_view();
}

// NOLINTNEXTLINE(readability-function-cognitive-complexity): one walk over a JSON shape
bool write(JsonWriter& json, const JsonValue& value, const VariableLookup& lookup) {
  if (const auto text = value.asText()) {
    if (text->find('$') == std::string_view::npos) {
      json.string(*text);
      return true;
    }
    if (const std::string_view name = soleVariable(*text); !name.empty()) {
      const auto filled = lookup(std::string(name));
      if (filled)
        json.raw(*filled);
      return filled.has_value();
    }
    const Pieces pieces = piecesOf(*text);
    if (pieces.all.size() == 1 && pieces.all[0].is_variable && !pieces.all[0].as_json) {
      const auto filled = lookup(pieces.all[0].text);
      if (filled)
        json.raw(*filled);
      return filled.has_value();
    }
    const auto filled = filledText(pieces, lookup);
    if (filled)
      json.string(*filled);
    return filled.has_value();
  }
  if (value.isArray()) {
    json.beginArray();
    for (const JsonValue& element : value.elements())
      if (!write(json, element, lookup))
        return false;
    json.endArray();
    return true;
  }
  if (value.isObject()) {
    json.beginObject();
    for (const auto& [key, member] : value.members()) {
      const auto name = fillText(key, lookup);
      if (!name)
        return false;
      json.key(*name);
      if (!write(json, member, lookup))
        return false;
    }
    json.endObject();
    return true;
  }
  json.raw(value.text());
  return true;
}

}  // namespace

std::optional<std::string> templateProblem(const JsonValue& value) {
  std::optional<std::string> problem;
  eachText(value, [&](const std::string& text) {
    if (auto found = piecesOf(text).problem; !found.empty() && !problem)
      problem = std::move(found);
  });
  return problem;
}

std::set<std::string> variablesInText(std::string_view text) {
  std::set<std::string> names;
  for (const Piece& piece : piecesOf(text).all)
    if (piece.is_variable)
      names.insert(piece.text);
  return names;
}

std::set<std::string> variablesIn(const JsonValue& value) {
  std::set<std::string> names;
  eachText(value, [&](const std::string& text) { names.merge(variablesInText(text)); });
  return names;
}

std::optional<std::string> fill(const JsonValue& value, const VariableLookup& lookup) {
  JsonWriter json;
  if (!write(json, value, lookup))
    return std::nullopt;
  return json.take();
}

std::optional<std::string> fillText(std::string_view text, const VariableLookup& lookup) {
  if (text.find('$') == std::string_view::npos)
    return std::string(text);
  return filledText(piecesOf(text), lookup);
}

}  // namespace turnout
