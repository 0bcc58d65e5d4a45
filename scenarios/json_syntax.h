// Is this text one JSON document (RFC 8259)? Own code because the library that reads it takes more
// than JSON (single quotes, hex numbers, several documents), keeps the last of two equal keys
// without a word, and names places only roughly.
#pragma once

#include "scenarios/problem.h"

#include <string_view>

namespace turnout {

// Empty when it is. Else the first error of syntax, after every key given twice in one object, each
// with its line and column. Keys are compared as written.
ScenarioProblems jsonSyntaxProblems(std::string_view text);

}  // namespace turnout
