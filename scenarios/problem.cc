#include "scenarios/problem.h"

namespace turnout {

std::string problemsText(const std::string& file, const ScenarioProblems& problems) {
  std::string text;
  for (const ScenarioProblem& problem : problems) {
    text += file;
    if (problem.line > 0)
      text += ":" + std::to_string(problem.line) + ":" + std::to_string(problem.column);
    text += ": ";
    if (!problem.path.empty())
      text += problem.path + ": ";
    text += problem.message + "\n";
  }
  return text;
}

}  // namespace turnout
