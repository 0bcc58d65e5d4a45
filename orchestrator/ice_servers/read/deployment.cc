#include "orchestrator/ice_servers/read/deployment.h"

#include <cstdlib>

namespace turnout {
namespace {

constexpr const char* kVariable = "TURNOUT_ENV";

Result<Deployment> named(const std::string& word, const std::string& where) {
  for (const Deployment deployment : {Deployment::kDevelopment, Deployment::kProduction})
    if (word == toString(deployment))
      return deployment;
  return Error{ErrorCode::kUsage, where + " is development or production, not \"" + word + "\""};
}

}  // namespace

const char* toString(Deployment deployment) {
  switch (deployment) {
    case Deployment::kDevelopment:
      return "development";
    case Deployment::kProduction:
      return "production";
  }
  return "";
}

Environment processEnvironment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value ? std::optional<std::string>(value) : std::nullopt;
  };
}

Result<Deployment> detectDeployment(const std::optional<std::string>& wanted,
                                    const Environment& environment) {
  if (wanted)
    return named(*wanted, "--env");
  if (const auto variable = environment(kVariable); variable && !variable->empty())
    return named(*variable, kVariable);
  return environment("NODE_ENV") == "production" ? Deployment::kProduction
                                                 : Deployment::kDevelopment;
}

}  // namespace turnout
