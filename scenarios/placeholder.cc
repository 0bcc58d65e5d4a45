#include "scenarios/placeholder.h"

namespace turnout {
namespace {

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

Placeholder placeholderOf(std::string_view url) {
  const Braces braces = bracesIn(url);
  if (braces.length == 0)
    return Placeholder::kNone;
  const std::string_view name = url.substr(braces.begin, braces.length);
  if (name == "{coturn}")
    return Placeholder::kCoturn;
  return name == "{coturn-rest}" ? Placeholder::kCoturnRest : Placeholder::kNone;
}

std::string withAddress(std::string_view url, std::string_view address) {
  std::string text(url);
  if (const Braces braces = bracesIn(url); braces.length > 0)
    text.replace(braces.begin, braces.length, address);
  return text;
}

}  // namespace turnout
