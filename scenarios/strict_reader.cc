#include "scenarios/strict_reader.h"

#include <algorithm>
#include <cmath>

namespace turnout {
namespace {

constexpr std::size_t kShownBytes = 60;
constexpr std::size_t kMostUnknown = 20;  // keys that are told of one object

bool isNameCharacter(char c) {
  return g_ascii_isalnum(c) || c == '.' || c == '_' || c == '-';
}

bool isPlainWord(const std::string& key) {
  return !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
    return g_ascii_isalnum(c) || c == '_' || c == '-' || c == '$';
  });
}

std::string quoted(const std::string& text) {
  JsonWriter json;  // escapes what a terminal must not see
  json.string(text);
  return json.take();
}

// JSON text of a short value, the kind of a long one.
std::string shown(const JsonValue& value) {
  const bool is_finite = std::isfinite(value.asNumber().value_or(0));
  if (!is_finite || !(value.isString() || value.isNumber() || value.isBool()))
    return value.typeName();
  const std::string json = value.text();
  return json.size() <= kShownBytes ? json : value.typeName();
}

// As much of it as is shown, without half a character at the end.
std::string startOf(const std::string& text) {
  std::size_t end = kShownBytes;
  while (end > 0 && (text[end] & 0xc0) == 0x80)
    end--;
  return text.substr(0, end);
}

// 0.01 as "0.01", 1000 as "1000".
std::string plain(double value) {
  JsonWriter json;
  json.number(value);
  return json.take();
}

}  // namespace

Place Place::at(const std::string& key) const {
  const std::string dot = path.empty() ? "" : ".";
  return {value.get(key), path + (isPlainWord(key) ? dot + key : "[" + quoted(key) + "]"),
          problems};
}

std::vector<std::string> Place::keys() const {
  std::vector<std::string> keys = value.keys();
  std::erase_if(keys, [](const std::string& key) { return key.starts_with("//"); });
  return keys;
}

std::vector<Place> Place::elements() const {
  std::vector<Place> places;
  for (const JsonValue& element : value.elements())
    places.push_back({element, path + "[" + std::to_string(places.size()) + "]", problems});
  return places;
}

void Place::problem(std::string message) const {
  problems->push_back({.path = path, .message = std::move(message)});
}

void Place::expected(const std::string& what) const {
  problem("expected " + what + ", got " + shown(value));
}

void Place::expectedSecret(const std::string& what) const {
  problem("expected " + what + ", got " + value.typeName());
}

void reportUnknownKeys(const Place& object, const std::vector<std::string>& known) {
  std::size_t unknown = 0;
  for (const std::string& key : object.keys()) {
    if (std::find(known.begin(), known.end(), key) != known.end() || ++unknown > kMostUnknown)
      continue;
    const std::string shown = key.size() <= kShownBytes ? key : startOf(key) + "...";
    object.at(shown).problem("unknown key" + suggestion(shown, known));
  }
  if (unknown > kMostUnknown)
    object.problem("and " + std::to_string(unknown - kMostUnknown) + " more unknown keys");
}

std::optional<std::int64_t> readInteger(const Place& place, Range<std::int64_t> range) {
  const auto value = place.value.asInteger();
  if (value && *value >= range.least && *value <= range.most)
    return value;
  place.expected("an integer " + std::to_string(range.least) + ".." + std::to_string(range.most));
  return std::nullopt;
}

std::optional<double> readNumber(const Place& place, Range<double> range) {
  const auto value = place.value.asNumber();
  if (value && *value >= range.least && *value <= range.most)
    return value;
  place.expected("a number " + plain(range.least) + ".." + plain(range.most));
  return std::nullopt;
}

std::optional<std::string> readName(const Place& place) {
  auto value = place.value.asString();
  if (value && !value->empty() && value->size() <= 64 &&
      std::all_of(value->begin(), value->end(), isNameCharacter))
    return value;
  place.expected("a name of 1 to 64 letters, digits, '.', '_' or '-'");
  return std::nullopt;
}

std::optional<std::string> readText(const Place& place) {
  auto value = place.value.asString();
  if (value && !value->empty())
    return value;
  place.expected("a string that is not empty");
  return std::nullopt;
}

std::vector<Place> readList(const Place& place, Range<std::int64_t> size) {
  std::vector<Place> elements = place.elements();
  const auto count = static_cast<std::int64_t>(elements.size());
  if (!place.value.isArray())
    place.expected("an array");
  else if (count < size.least || count > size.most)
    place.problem("expected an array of " + std::to_string(size.least) + ".." +
                  std::to_string(size.most) + " elements, got " + std::to_string(count));
  return elements;
}

std::optional<std::string> readWord(const Place& place, const std::vector<std::string>& words) {
  auto value = place.value.asString();
  if (value && std::find(words.begin(), words.end(), *value) != words.end())
    return value;
  std::string what;
  for (const std::string& word : words)
    what += (what.empty() ? "" : " or ") + quoted(word);
  std::string near = value ? nearest(*value, words) : "";
  place.problem("expected " + what + ", got " + shown(place.value) +
                (near.empty() ? "" : " (did you mean " + quoted(near) + "?)"));
  return std::nullopt;
}

}  // namespace turnout
