// Passwords that a scenario only names by their environment variables (credential_env, secret_env).
#pragma once

#include "pipelines/base/result.h"
#include "scenarios/scenario.h"

namespace turnout {

// Fills them in. Error (kEnvironment): the first variable that is not set or empty.
Result<Done> takeSecretsFromEnvironment(Scenario& scenario);

}  // namespace turnout
