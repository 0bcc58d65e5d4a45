// Notes for a person watching: one line each on stderr, "level area: text". Measurements never go
// here, they are events (bots/timeline). Text from the network is escaped (printable.h); secrets
// cannot be printed by type (secret.h). Any thread.
#pragma once

#include <string_view>

namespace turnout {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

void setLogLevel(LogLevel least);  // at start-up only; the default is kWarning
void log(LogLevel level, std::string_view area, std::string_view text);

}  // namespace turnout
