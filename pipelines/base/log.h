// Notes for a person watching: one line each on stderr, "level area: text". Measurements never go
// here, they are events (bots/timeline). Text from the network is escaped (printable()); secrets
// cannot be printed by type (secret.h). Any thread.
#pragma once

#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>

#include <glib.h>

namespace turnout {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

void setLogLevel(LogLevel least);  // at start-up only; the default is kWarning
void log(LogLevel level, std::string_view area, std::string_view text);

// Text from outside as a person's terminal may get it: control characters (C0, DEL, C1) and bytes
// that are not UTF-8 become "\xNN", so that nobody can write escape sequences or forge lines.
enum class LineEnds { kEscape, kKeep };

std::string printable(std::string_view text, LineEnds line_ends = LineEnds::kEscape);

// What shows a stream to a person. Not a terminal: $COLUMNS or kUsualColumns, and no colour. Colour
// is for a terminal that has it ($TERM) and a person who wants it (https://no-color.org).
struct Screen {
  static constexpr std::size_t kUsualColumns = 98;

  std::size_t columns = kUsualColumns;
  bool has_colour = false;
};
Screen screenOf(std::FILE* stream);

// What every state machine does when it enters a phase. Its enter(phase, at, why) is the only
// writer of the phase: it notes the step in the debug log (G_MESSAGES_DEBUG=turnout shows it) and
// checks that the machine is consistent in builds that check (debug and sanitizer builds).
//
// One line of the debug log: "membership: entering -> in (joined a room)".
inline void logPhase(const char* machine, const char* from, const char* to, const char* why) {
  g_log("turnout", G_LOG_LEVEL_DEBUG, "%s: %s -> %s (%s)", machine, from, to, why);
}

}  // namespace turnout
