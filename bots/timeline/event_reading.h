// The two ways to read a line of the log; parseEventLine() takes the fast one where it can.
#pragma once

#include "bots/timeline/event.h"

#include <optional>
#include <string_view>

namespace turnout {

// Absent: not flat, or no event. If there is a value, readAnyEventLine() gives the same.
std::optional<Event> readFlatEventLine(std::string_view line);
Result<Event> readAnyEventLine(std::string_view line);

}  // namespace turnout
