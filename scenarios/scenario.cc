#include "scenarios/scenario.h"

#include <algorithm>
#include <utility>

namespace turnout {

namespace {

constexpr std::pair<ServiceFaultKind, const char*> kFaultWords[] = {
    {ServiceFaultKind::kTurnKill, "turn_kill"},
    {ServiceFaultKind::kServerRestart, "server_restart"},
    {ServiceFaultKind::kTurnCredentialsExpire, "turn_credentials_expire"},
    {ServiceFaultKind::kNatRebind, "nat_rebind"},
    {ServiceFaultKind::kNatChange, "nat_change"},
    {ServiceFaultKind::kFirewallChange, "firewall_change"},
    {ServiceFaultKind::kLinkDown, "link_down"},
    {ServiceFaultKind::kOutage, "outage"},
    {ServiceFaultKind::kLink, "link"},
};

}  // namespace

const char* toString(ServiceFaultKind kind) {
  for (const auto& [known, word] : kFaultWords)
    if (known == kind)
      return word;
  return "";
}

std::optional<ServiceFaultKind> serviceFaultKind(std::string_view word) {
  for (const auto& [kind, known] : kFaultWords)
    if (known == word)
      return kind;
  return std::nullopt;
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
