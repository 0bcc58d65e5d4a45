#include "orchestrator/results/fold/stored_run.h"

#include "orchestrator/results/fold/fold.h"
#include "scenarios/load.h"
#include "scenarios/plan.h"

#include <fstream>

namespace turnout {
namespace {

Result<Scenario> readScenario(const std::string& file) {
  auto loaded = loadScenario(file);
  if (const auto* problems = std::get_if<ScenarioProblems>(&loaded)) {
    std::string text = problemsText(file, *problems);
    text.erase(text.find_last_not_of('\n') + 1);
    return Error{ErrorCode::kBadScenario, std::move(text)};
  }
  return std::get<LoadedScenario>(std::move(loaded)).scenario;
}

}  // namespace

Result<StoredRun> readStoredRun(const std::string& directory) {
  auto scenario = readScenario(directory + "/scenario.json");
  if (!scenario)
    return scenario.error();
  const std::string file = directory + "/events.jsonl";
  std::ifstream lines(file);
  if (!lines)
    return Error{ErrorCode::kIo, file + ": cannot be opened; is this the directory of a run?"};

  std::optional<Fold> fold;
  for (std::string line; std::getline(lines, line);) {
    const auto event = parseEventLine(line);
    if (!fold) {  // the first line tells the seed, which --seed may have changed
      if (const auto* started = event ? std::get_if<RunStarted>(&event->body) : nullptr)
        scenario->seed = started->seed;
      fold.emplace(*scenario, makeLargestPlan(*scenario));
    }
    if (event)
      fold->add(*event);
    else
      fold->addUnreadableLine();
  }
  if (!fold)
    return Error{ErrorCode::kBadScenario, file + ": empty, nothing was recorded"};
  return StoredRun{*std::move(scenario), fold->finish()};
}

}  // namespace turnout
