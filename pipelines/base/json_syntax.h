// Is this text one JSON document (RFC 8259)? Own code because the library that reads it takes more
// than JSON (single quotes, hex numbers, several documents), keeps the last of two equal keys
// without a word, and names places only roughly.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace turnout {

struct JsonSyntaxProblem {
  std::string message;
  int line = 1;    // 1..
  int column = 1;  // in characters, 1..
};

// Empty when it is. Else the first error of syntax, after every key given twice in one object, each
// with its line and column. Keys are compared as written. Nesting is bounded: readers recurse.
std::vector<JsonSyntaxProblem> jsonSyntaxProblems(std::string_view text);

}  // namespace turnout
