// A scenario file's text, changed by what the command line says, and as it is stored with a run.
// Pure.
#pragma once

#include "pipelines/base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace turnout {

struct ScenarioOverrides {
  std::optional<std::int64_t> seed, calls_per_arm, hosts;
  std::optional<std::string> profile;
  std::vector<std::string> bugs;  // instead of the scenario's
  bool any() const { return seed || calls_per_arm || hosts || profile || !bugs.empty(); }
};

// Both take the text of a valid scenario.
std::string withOverrides(const std::string& text, const ScenarioOverrides& overrides);
std::string withoutSecrets(const std::string& text);  // every credential is "***"

}  // namespace turnout
