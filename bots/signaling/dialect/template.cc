#include "bots/signaling/dialect/template.h"

#include <utility>

namespace turnout {
namespace {

using Piece = Template::Piece;

struct Pieces {
  std::vector<Piece> all;  // kPlain, kText, kJson
  std::string problem;     // empty: none
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
      pieces.all.push_back({Piece::Kind::kPlain, std::exchange(plain, {})});
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
    pieces.all.push_back({as_json ? Piece::Kind::kJson : Piece::Kind::kText, std::string(name)});
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

// What stands between the quotes of a JSON string.
std::string escaped(std::string_view text) {
  const std::string json = JsonWriter().string(text).take();
  return json.substr(1, json.size() - 2);
}

// Pieces of JSON text, one after the other; plain ones next to each other are one.
class JsonPieces {
 public:
  void addValue(const JsonValue& value) {
    if (const auto text = value.asText())
      addString(*text);
    else if (value.isArray())
      addArray(value);
    else if (value.isObject())
      addObject(value);
    else
      addPlain(value.text());
  }
  std::vector<Piece> take() { return std::move(pieces_); }

 private:
  void addPlain(std::string_view json) {
    if (pieces_.empty() || pieces_.back().kind != Piece::Kind::kPlain)
      pieces_.push_back({});
    pieces_.back().text += json;
  }
  void addString(std::string_view text) {
    std::vector<Piece> parts = piecesOf(text).all;
    if (parts.size() == 1 && parts[0].kind == Piece::Kind::kText) {  // the value, whatever its type
      pieces_.push_back({Piece::Kind::kJson, std::move(parts[0].text)});
      return;
    }
    addQuoted(std::move(parts));
  }
  void addQuoted(std::vector<Piece> parts) {
    addPlain("\"");
    for (Piece& part : parts) {
      if (part.kind == Piece::Kind::kPlain)
        addPlain(escaped(part.text));
      else
        pieces_.push_back({part.kind == Piece::Kind::kJson ? Piece::Kind::kEscapedJson
                                                           : Piece::Kind::kEscapedText,
                           std::move(part.text)});
    }
    addPlain("\"");
  }
  void addArray(const JsonValue& value) {
    std::string_view before = "[";
    for (const JsonValue& element : value.elements()) {
      addPlain(std::exchange(before, ","));
      addValue(element);
    }
    addPlain(before == "[" ? "[]" : "]");
  }
  void addObject(const JsonValue& value) {
    std::string_view before = "{";
    for (const auto& [key, member] : value.members()) {
      addPlain(std::exchange(before, ","));
      addQuoted(piecesOf(key).all);
      addPlain(":");
      addValue(member);
    }
    addPlain(before == "{" ? "{}" : "}");
  }

  std::vector<Piece> pieces_;
};

std::string inPlace(Piece::Kind kind, std::string json) {
  switch (kind) {
    case Piece::Kind::kText:
      return plainText(json);
    case Piece::Kind::kEscapedText:
      return escaped(plainText(json));
    case Piece::Kind::kEscapedJson:
      return escaped(json);
    case Piece::Kind::kPlain:
    case Piece::Kind::kJson:
      break;
  }
  return json;
}

}  // namespace

Template::Template(const JsonValue& json) : source_(json.text()) {
  JsonPieces pieces;
  pieces.addValue(json);
  pieces_ = pieces.take();
}

Template::Template(std::string_view text) : source_(text), pieces_(piecesOf(text).all) {}

std::optional<std::string> Template::filled(const VariableLookup& lookup) const {
  std::string text;
  for (const Piece& piece : pieces_) {
    if (piece.kind == Piece::Kind::kPlain) {
      text += piece.text;
      continue;
    }
    auto value = lookup(piece.text);
    if (!value)
      return std::nullopt;
    text += inPlace(piece.kind, *std::move(value));
  }
  return text;
}

std::set<std::string> Template::variables() const {
  std::set<std::string> names;
  for (const Piece& piece : pieces_)
    if (piece.kind != Piece::Kind::kPlain)
      names.insert(piece.text);
  return names;
}

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
    if (piece.kind != Piece::Kind::kPlain)
      names.insert(piece.text);
  return names;
}

std::set<std::string> variablesIn(const JsonValue& value) {
  std::set<std::string> names;
  eachText(value, [&](const std::string& text) { names.merge(variablesInText(text)); });
  return names;
}

std::optional<std::string> fill(const JsonValue& value, const VariableLookup& lookup) {
  return Template(value).filled(lookup);
}

std::optional<std::string> fillText(std::string_view text, const VariableLookup& lookup) {
  if (text.find('$') == std::string_view::npos)
    return std::string(text);
  return Template(text).filled(lookup);
}

}  // namespace turnout
