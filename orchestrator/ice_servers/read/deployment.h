// What the tested app is deployed as. It decides how bad it is to have no servers of one's own.
#pragma once

#include "orchestrator/ice_servers/read/setting.h"
#include "pipelines/base/result.h"

#include <functional>
#include <optional>
#include <string>

namespace turnout {

enum class Deployment { kDevelopment, kProduction };
const char* toString(Deployment deployment);  // "development", "production"

// A variable of the environment; nullopt when it is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
Environment processEnvironment();

// `wanted` (of the command line) before TURNOUT_ENV before NODE_ENV; else development. The first
// two must be a known word (error kUsage); of NODE_ENV only "production" has a meaning.
Result<Deployment> detectDeployment(const std::optional<std::string>& wanted,
                                    const Environment& environment);

}  // namespace turnout
