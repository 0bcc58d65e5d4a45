#include "pipelines/base/printable.h"

#include <cstdio>

#include <glib.h>

namespace turnout {
namespace {

void appendHexEscapes(std::string& out, std::string_view bytes) {
  for (const char c : bytes) {
    char escaped[8];
    std::snprintf(escaped, sizeof escaped, "\\x%02x", static_cast<unsigned char>(c));
    out += escaped;
  }
}

}  // namespace

std::string printable(std::string_view text, LineEnds line_ends) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const gunichar c = g_utf8_get_char_validated(text.data(), static_cast<gssize>(text.size()));
    const bool is_character = c != static_cast<gunichar>(-1) && c != static_cast<gunichar>(-2);
    const std::size_t size =
        is_character ? static_cast<std::size_t>(g_unichar_to_utf8(c, nullptr)) : 1;
    const bool is_line_end = c == '\n' && line_ends == LineEnds::kKeep;
    if (is_line_end || (is_character && !g_unichar_iscntrl(c)))
      out += text.substr(0, size);
    else
      appendHexEscapes(out, text.substr(0, size));
    text.remove_prefix(size);
  }
  return out;
}

}  // namespace turnout
