#include "scenarios/server_source.h"

#include <algorithm>
#include <array>

namespace turnout {
namespace {

constexpr int kMostOfAKind = 9;

struct KindName {
  Placeholder::Kind kind;
  std::string_view name;
};
constexpr std::array kNames{KindName{Placeholder::Kind::kCoturn, "coturn"},
                            KindName{Placeholder::Kind::kCoturnRest, "coturn-rest"},
                            KindName{Placeholder::Kind::kCoturnQuota, "coturn-quota"}};

struct Braces {
  std::size_t begin = std::string_view::npos;
  std::size_t length = 0;
};

Braces bracesIn(std::string_view url) {
  const std::size_t begin = url.find('{');
  const std::size_t end = url.find('}', begin);
  if (begin == std::string_view::npos || end == std::string_view::npos)
    return {};
  return {begin, end - begin + 1};
}

}  // namespace

std::string nameOf(Placeholder placeholder) {
  const auto* kind = std::ranges::find(kNames, placeholder.kind, &KindName::kind);
  return std::string(kind->name) +
         (placeholder.number > 1 ? "-" + std::to_string(placeholder.number) : "");
}

std::optional<Placeholder> placeholderNamed(std::string_view name) {
  for (const KindName& known : kNames)
    for (int number = 1; number <= kMostOfAKind; ++number)
      if (nameOf({known.kind, number}) == name)
        return Placeholder{known.kind, number};
  return std::nullopt;
}

std::optional<Placeholder> placeholderOf(std::string_view url) {
  const Braces braces = bracesIn(url);
  if (braces.length == 0)
    return std::nullopt;
  return placeholderNamed(url.substr(braces.begin + 1, braces.length - 2));
}

std::string withAddress(std::string_view url, std::string_view address) {
  std::string text(url);
  if (const Braces braces = bracesIn(url); braces.length > 0)
    text.replace(braces.begin, braces.length, address);
  return text;
}

}  // namespace turnout
