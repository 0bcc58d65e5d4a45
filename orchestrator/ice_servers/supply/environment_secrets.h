// What a scenario only names by environment variables (credential_env, secret_env, token_env, ...)
// or by a file (token_file).
#pragma once

#include "pipelines/base/result.h"
#include "scenarios/scenario.h"

namespace turnout {

// Fills them in. Error (kEnvironment): the first variable that is not set or empty, or file that
// cannot be read.
Result<Done> takeSecretsFromEnvironment(TurnArm& arm);
Result<Done> takeSecretsFromEnvironment(Scenario& scenario);

}  // namespace turnout
