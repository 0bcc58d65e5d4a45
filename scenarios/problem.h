// What is wrong with a scenario: one line for a person each, and all of them at once.
#pragma once

#include <string>
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

}  // namespace turnout
