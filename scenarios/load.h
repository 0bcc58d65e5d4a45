// A scenario file into a Scenario, strictly: whatever the file says is either meant and used, or
// reported, all problems at once. The format: docs/SCENARIOS.md, schema/scenario.schema.json.
#pragma once

#include "scenarios/problem.h"
#include "scenarios/scenario.h"

#include <string>
#include <variant>
#include <vector>

namespace turnout {

struct LoadedScenario {
  Scenario scenario;
  std::string text;  // the file's bytes; may hold credentials
};

using ScenarioLoad = std::variant<LoadedScenario, ScenarioProblems>;  // problems: at least one

ScenarioLoad loadScenario(const std::string& file);
ScenarioLoad parseScenario(std::string text);

// Every key a scenario may have: "name", "calls.per_arm", "turn[].ice_servers[].rest.secret".
std::vector<std::string> scenarioKeys();

}  // namespace turnout
