// A scenario file with the command line's changes applied, or every problem it has.
#pragma once

#include "pipelines/base/result.h"
#include "scenarios/load.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace turnout {

// What the command line says in place of the file.
struct ScenarioOverrides {
  std::optional<std::int64_t> seed, calls_per_arm, hosts;
  std::optional<std::string> profile;
  // Instead of the scenario's:
  std::vector<std::string> local_addresses{};
  std::vector<std::string> bugs{};
  std::optional<std::string> signaling_url{}, dialect{}, signaling_start{};
  bool any() const {
    return seed || calls_per_arm || hosts || profile || !local_addresses.empty() || !bugs.empty() ||
           signaling_url || dialect || signaling_start;
  }
};

// Both take the text of a valid scenario. The second is what is stored with a run.
std::string withOverrides(const std::string& text, const ScenarioOverrides& overrides);
std::string withoutSecrets(const std::string& text);  // every credential is "***"

// `file` may be the name of a shipped scenario ("smoke") where there is no such file.
Result<LoadedScenario> scenarioFrom(const std::string& file, const ScenarioOverrides& overrides);

}  // namespace turnout
