// Reads JSON into plain structs by tables of keys, and collects every problem with its path.
// Strict: a key that no table has, a value of another type or outside its range is a problem, never
// ignored; but for keys that start with //, which are comments.
//
//   Keys<Scenario> callsKeys() {
//     return {integer("per_arm", &Scenario::calls_per_arm, {1, 100'000}), ...};
//   }
//   readObject(place, callsKeys(), scenario);
//
// A key that is absent leaves its field at the default.
#pragma once

#include "pipelines/base/json.h"
#include "pipelines/base/secret.h"
#include "scenarios/problem.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace turnout {

constexpr std::int64_t kHourMs = 3'600'000;  // no duration of a scenario is longer

// A value, where it stands, and where its problems go.
struct Place {
  JsonValue value;
  std::string path;
  ScenarioProblems* problems;

  Place at(const std::string& key) const;  // "path.key", or path["key"] when it is no plain word
  std::vector<std::string> keys() const;   // without comments
  std::vector<Place> elements() const;     // "path[0]"...; empty when not an array
  void problem(std::string message) const;
  void expected(const std::string& what) const;        // "expected WHAT, got VALUE"
  void expectedSecret(const std::string& what) const;  // the same without the value
};

template <class T>
struct Key {
  using Read = std::function<void(const Place&, T&)>;
  Key(std::string key_name, Read key_read, std::vector<std::string> keys_below = {})
      : name(std::move(key_name)), read(std::move(key_read)), below(std::move(keys_below)) {}

  std::string name;
  Read read;
  std::vector<std::string> below;  // keys of objects under it: ".per_arm", "[].name"
  bool is_required = false;
};
template <class T>
using Keys = std::vector<Key<T>>;

template <class T>
Key<T> required(Key<T> key) {
  key.is_required = true;
  return key;
}

void reportUnknownKeys(const Place& object, const std::vector<std::string>& known);

template <class T>
void readObject(const Place& place, const Keys<T>& keys, T& into) {
  if (!place.value.isObject())
    return place.expected("an object");
  std::vector<std::string> known;
  for (const Key<T>& key : keys)
    known.push_back(key.name);
  reportUnknownKeys(place, known);
  for (const Key<T>& key : keys) {
    const Place member = place.at(key.name);
    if (member.value.isPresent())
      key.read(member, into);
    else if (key.is_required)
      place.problem("\"" + key.name + "\" is missing");
  }
}

// Every key of the table and below it: `prefix` + "name", `prefix` + "turn[].ice_servers[].urls".
template <class T>
std::vector<std::string> keyNames(const Keys<T>& keys, const std::string& prefix) {
  std::vector<std::string> names;
  for (const Key<T>& key : keys) {
    names.push_back(prefix + key.name);
    for (const std::string& below : key.below)
      names.push_back(prefix + key.name + below);
  }
  return names;
}

// Leaves. Each reports what it expected, and answers nullopt then.

template <class N>
struct Range {
  N least, most;
};

std::optional<std::int64_t> readInteger(const Place& place, Range<std::int64_t> range);
std::optional<double> readNumber(const Place& place, Range<double> range);
// A name that can stand in file names and selectors: letters, digits, '.', '_', '-'; 1 to 64.
std::optional<std::string> readName(const Place& place);
std::optional<std::string> readText(const Place& place);  // not empty
// The elements, however many there are; too few or too many is reported.
std::vector<Place> readList(const Place& place, Range<std::int64_t> size);
std::optional<std::string> readWord(const Place& place, const std::vector<std::string>& words);

// Keys of one field each.

template <class T, class M>
Key<T> integer(std::string name, M T::*field, Range<std::int64_t> range) {
  return {std::move(name), [=](const Place& place, T& into) {
            if (const auto value = readInteger(place, range))
              into.*field = static_cast<M>(*value);
          }};
}

template <class T, class M>
Key<T> number(std::string name, M T::*field, Range<double> range) {
  return {std::move(name), [=](const Place& place, T& into) {
            if (const auto value = readNumber(place, range))
              into.*field = static_cast<M>(*value);
          }};
}

template <class T>
Key<T> boolean(std::string name, bool T::*field) {
  return {std::move(name), [=](const Place& place, T& into) {
            if (const auto value = place.value.asBool())
              into.*field = *value;
            else
              place.expected("true or false");
          }};
}

template <class T>
Key<T> text(std::string name, std::string T::*field) {
  return {std::move(name), [=](const Place& place, T& into) {
            if (auto value = readText(place))
              into.*field = std::move(*value);
          }};
}

template <class T>
Key<T> plainName(std::string name, std::string T::*field) {
  return {std::move(name), [=](const Place& place, T& into) {
            if (auto value = readName(place))
              into.*field = std::move(*value);
          }};
}

template <class T>
Key<T> secret(std::string name, Secret T::*field) {
  return {std::move(name), [=](const Place& place, T& into) {
            if (auto value = place.value.asString(); value && !value->empty())
              into.*field = Secret(std::move(*value));
            else
              place.expectedSecret("a string that is not empty");
          }};
}

// One of a few words, each with the value it stands for.
template <class T, class M>
Key<T> choice(std::string name, M T::*field, std::vector<std::pair<std::string, M>> choices) {
  return {std::move(name), [=](const Place& place, T& into) {
            std::vector<std::string> words;
            for (const auto& [word, value] : choices)
              words.push_back(word);
            const auto read = readWord(place, words);
            for (const auto& [word, value] : choices)
              if (read == word)
                into.*field = value;
          }};
}

// Keys that hold objects.

// An object whose keys fill the struct around it.
template <class T>
Key<T> section(std::string name, Keys<T> keys) {
  auto names = keyNames(keys, ".");
  return {std::move(name),
          [keys = std::move(keys)](const Place& place, T& into) { readObject(place, keys, into); },
          std::move(names)};
}

template <class T, class M>
Key<T> object(std::string name, M T::*field, Keys<M> keys) {
  auto names = keyNames(keys, ".");
  return {std::move(name),
          [field, keys = std::move(keys)](const Place& place, T& into) {
            readObject(place, keys, into.*field);
          },
          std::move(names)};
}

// null: none.
template <class T, class M>
Key<T> objectOrNull(std::string name, std::optional<M> T::*field, Keys<M> keys) {
  auto names = keyNames(keys, ".");
  return {std::move(name),
          [field, keys = std::move(keys)](const Place& place, T& into) {
            into.*field = std::nullopt;
            if (!place.value.isNull())
              readObject(place, keys, (into.*field).emplace());
          },
          std::move(names)};
}

// A list of objects. `read` is for what is to be checked beyond `keys`; it reads these itself.
template <class T, class M>
Key<T> list(std::string name, Range<std::int64_t> size, std::vector<M> T::*field,
            const Keys<M>& keys, void (*read)(const Place&, M&)) {
  return {std::move(name),
          [=](const Place& place, T& into) {
            for (const Place& element : readList(place, size))
              read(element, (into.*field).emplace_back());
          },
          keyNames(keys, "[].")};
}

}  // namespace turnout
