// What is wrong with what a person wrote: of a scenario all problems at once, a line each; and the
// word that was probably meant.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace turnout {

struct ScenarioProblem {
  std::string path;     // "turn[1].ice_servers[0].urls"; empty: the document as a whole
  std::string message;  // "expected an integer 2..8, got 1"
  int line = 0;         // of the text, 1..; 0 where only the path is known
  int column = 0;       // in characters, 1..
};

using ScenarioProblems = std::vector<ScenarioProblem>;

// One line each: "FILE: PATH: MESSAGE", or "FILE:LINE:COLUMN: MESSAGE".
std::string problemsText(const std::string& file, const ScenarioProblems& problems);

// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other;
// upper and lower case count as equal. (Optimal string alignment distance.)
std::size_t editDistance(std::string_view a, std::string_view b);

// The candidate nearest to `word`; empty when none is near enough to be a likely slip.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

// ` (did you mean "x"?)`, or else ` (known: a, b, c)`. For the end of a message.
std::string suggestion(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace turnout
