// Any bytes as a scenario file: problems or a scenario, never a crash; what loads can be planned.
#include "scenarios/load.h"
#include "scenarios/plan.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace turnout;  // NOLINT(google-build-using-namespace)
  ScenarioLoad load = parseScenario({reinterpret_cast<const char*>(data), size});
  if (auto* problems = std::get_if<ScenarioProblems>(&load)) {
    TURNOUT_CHECK(!problemsText("fuzz.json", *problems).empty(), "refused without a reason");
    return 0;
  }
  Scenario& scenario = std::get<LoadedScenario>(load).scenario;
  scenario.calls_per_arm = std::min(scenario.calls_per_arm, 4);  // a large plan is only slow
  scenario.repetitions = std::min(scenario.repetitions, 2);
  (void)planJson(makePlan(scenario), scenario);
  return 0;
}
