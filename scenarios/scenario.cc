#include "scenarios/scenario.h"

#include <algorithm>

namespace turnout {

const char* toString(ServiceFaultKind kind) {
  switch (kind) {
    case ServiceFaultKind::kTurnKill:
      return "turn_kill";
    case ServiceFaultKind::kServerRestart:
      return "server_restart";
    case ServiceFaultKind::kTurnCredentialsExpire:
      return "turn_credentials_expire";
  }
  return "";
}

bool namesTurn(const TurnArm& arm) {
  return std::ranges::any_of(arm.ice_servers, [](const ScenarioServer& server) {
    const auto* given = server.source ? std::get_if<GivenServers>(&*server.source) : nullptr;
    return std::ranges::any_of(server.urls,
                               [](const std::string& url) { return url.starts_with("turn"); }) ||
           (given && std::ranges::any_of(given->servers, [](const IceServer& one) {
              return one.scheme == IceScheme::kTurn;
            }));
  });
}

}  // namespace turnout
