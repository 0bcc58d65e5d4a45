#include "pipelines/base/log.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <glib.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace turnout {
namespace {

std::atomic<LogLevel> least_level{LogLevel::kWarning};

constexpr const char* kNames[] = {"debug", "info", "warning", "error"};

}  // namespace

void setLogLevel(LogLevel least) {
  least_level = least;
}

void log(LogLevel level, std::string_view area, std::string_view text) {
  if (level < least_level)
    return;
  std::string line = kNames[static_cast<int>(level)];
  line += ' ';
  line += area;
  line += ": ";
  line += printable(text);
  line += '\n';
  std::fwrite(line.data(), 1, line.size(), stderr);
}

namespace {

void appendHexEscapes(std::string& out, std::string_view bytes) {
  for (const char c : bytes) {
    char escaped[8];
    std::snprintf(escaped, sizeof escaped, "\\x%02x", static_cast<unsigned char>(c));
    out += escaped;
  }
}

constexpr std::size_t kColumnsOfOldTerminals = 80;  // that tell no size

std::string_view environmentText(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

}  // namespace

Screen screenOf(std::FILE* stream) {
  const int fd = ::fileno(stream);
  Screen screen;
  guint64 columns = 0;
  if (::isatty(fd)) {
    winsize size{};
    const bool known = ::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    screen.columns = known ? size.ws_col : kColumnsOfOldTerminals;
    const std::string_view kind = environmentText("TERM");
    screen.has_colour = environmentText("NO_COLOR").empty() && !kind.empty() && kind != "dumb";
  } else if (const std::string wanted(environmentText("COLUMNS"));
             g_ascii_string_to_unsigned(wanted.c_str(), 10, 1, 10'000, &columns, nullptr)) {
    screen.columns = columns;
  }
  return screen;
}

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
