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

// A file that holds only a list of servers, written as an arm's "ice_servers".
using ServerListLoad = std::variant<std::vector<ScenarioServer>, ScenarioProblems>;
ServerListLoad parseServerList(const std::string& text);
ServerListLoad loadServerList(const std::string& file);

// Every key a scenario may have: "name", "calls.per_arm", "turn[].ice_servers[].rest.secret".
std::vector<std::string> scenarioKeys();

}  // namespace turnout
