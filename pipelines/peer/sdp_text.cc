#include "pipelines/peer/sdp_text.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include <glib.h>

namespace turnout {

bool isIceText(std::string_view text, std::size_t least) {
  return text.size() >= least && text.size() <= kMaxIceText &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return g_ascii_isalnum(c) || c == '+' || c == '/'; });
}

bool isToken(std::string_view text) {  // RFC 8866 9
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return g_ascii_isalnum(c) || std::strchr("!#$%&'*+-.^_`{|}~", c) != nullptr;
  });
}

bool isFingerprint(std::string_view text) {  // RFC 8122 5: hash function, space, UHEX pairs
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos || !isToken(text.substr(0, space)))
    return false;
  const std::string_view hex = text.substr(space + 1);
  for (std::size_t i = 0; i < hex.size(); i++)
    if (i % 3 == 2 ? hex[i] != ':' : !g_ascii_isxdigit(hex[i]))
      return false;
  return hex.size() % 3 == 2;
}

std::optional<int> wholeNumber(std::string_view text) {
  int value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  return problem == std::errc() && end == text.data() + text.size() ? std::optional(value)
                                                                    : std::nullopt;
}

std::vector<std::string_view> splitWords(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const std::size_t space = std::min(text.find(' '), text.size());
    if (space > 0)
      words.push_back(text.substr(0, space));
    text.remove_prefix(std::min(space + 1, text.size()));
  }
  return words;
}

}  // namespace turnout
