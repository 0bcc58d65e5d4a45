// Text from outside as a person's terminal may get it: control characters (C0, DEL, C1) and bytes
// that are not UTF-8 become "\xNN", so that nobody can write escape sequences or forge lines.
#pragma once

#include <string>
#include <string_view>

namespace turnout {

enum class LineEnds { kEscape, kKeep };

std::string printable(std::string_view text, LineEnds line_ends = LineEnds::kEscape);

}  // namespace turnout
