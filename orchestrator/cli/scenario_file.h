// A scenario file with the command line's changes applied, or every problem it has.
#pragma once

#include "orchestrator/cli/scenario_text.h"
#include "pipelines/base/result.h"
#include "scenarios/load.h"

#include <string>

namespace turnout {

Result<LoadedScenario> scenarioFrom(const std::string& file, const ScenarioOverrides& overrides);

}  // namespace turnout
