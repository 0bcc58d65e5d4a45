#include "orchestrator/services/environment_secrets.h"

#include <cstdlib>

namespace turnout {
namespace {

Result<Done> take(const std::string& variable, const TurnArm& arm, Secret& into) {
  if (variable.empty())
    return Done{};
  const char* value = std::getenv(variable.c_str());
  if (!value || *value == '\0')
    return Error{ErrorCode::kEnvironment, "the environment variable " + variable + " is " +
                                              (value ? "empty" : "not set") +
                                              "; it holds a password of arm \"" + arm.name + "\""};
  into = Secret(value);
  return Done{};
}

}  // namespace

Result<Done> takeSecretsFromEnvironment(Scenario& scenario) {
  for (TurnArm& arm : scenario.turn)
    for (ScenarioServer& server : arm.ice_servers) {
      if (auto taken = take(server.credential_env, arm, server.credential); !taken)
        return taken;
      if (auto taken = take(server.rest_secret_env, arm, server.rest_secret); !taken)
        return taken;
    }
  return Done{};
}

}  // namespace turnout
