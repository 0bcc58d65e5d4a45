#include "orchestrator/cli/scenario_file.h"

#include <utility>

namespace turnout {
namespace {

Result<LoadedScenario> loadedOr(const std::string& file, ScenarioLoad load) {
  if (auto* problems = std::get_if<ScenarioProblems>(&load)) {
    std::string text = problemsText(file, *problems);
    text.erase(text.find_last_not_of('\n') + 1);
    return Error{ErrorCode::kBadScenario, std::move(text)};
  }
  return std::get<LoadedScenario>(std::move(load));
}

}  // namespace

Result<LoadedScenario> scenarioFrom(const std::string& file, const ScenarioOverrides& overrides) {
  auto loaded = loadedOr(file, loadScenario(file));
  if (!loaded || !overrides.any())
    return loaded;
  return loadedOr("the command line", parseScenario(withOverrides(loaded->text, overrides)));
}

}  // namespace turnout
