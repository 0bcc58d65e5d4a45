#include "orchestrator/services/turn_servers.h"

#include "orchestrator/services/turn_rest.h"

#include <algorithm>

namespace turnout {
namespace {

struct Credentials {
  std::string username;
  Secret password, rest_secret;
};

Credentials credentialsOf(const ScenarioServer& server, const TurnService* service) {
  Credentials found{server.username, server.credential, server.rest_secret};
  if (!service)
    return found;
  if (const auto* user = std::get_if<CoturnUser>(&service->access)) {
    if (found.username.empty())
      found.username = user->name;
    if (found.password.empty())
      found.password = user->password;
  } else if (found.rest_secret.empty() && found.username.empty()) {
    found.rest_secret = std::get<CoturnRestSecret>(service->access).secret;
  }
  return found;
}

const TurnService* serviceFor(const std::string& url, const TurnServices& services) {
  const auto found = services.find(placeholderOf(url));
  return found == services.end() ? nullptr : &found->second;
}

Result<IceServer> iceServerOf(const std::string& url, const ScenarioServer& server,
                              const TurnService* service) {
  std::string real = url;
  if (service) {
    const bool tls = url.rfind("turns:", 0) == 0;
    real = withAddress(
        url, service->host + ":" + std::to_string(tls ? service->tls_port : service->port));
  }
  auto made = parseIceServerUrl(real);
  if (!made)
    return made.error();
  made->url = url;
  made->tls_verify = server.tls_verify;
  made->tls_ca_file = server.tls_ca_file.empty() && service ? service->ca_file : server.tls_ca_file;
  return made;
}

}  // namespace

std::vector<Placeholder> servicesNeeded(const Scenario& scenario) {
  std::vector<Placeholder> needed;
  for (const TurnArm& arm : scenario.turn)
    for (const ScenarioServer& server : arm.ice_servers)
      for (const std::string& url : server.urls) {
        const Placeholder kind = placeholderOf(url);
        if (kind != Placeholder::kNone && std::ranges::count(needed, kind) == 0)
          needed.push_back(kind);
      }
  return needed;
}

Result<std::vector<IceServer>> iceServersOf(const TurnArm& arm, const TurnServices& services,
                                            const std::string& user, std::chrono::seconds now) {
  std::vector<IceServer> list;
  for (const ScenarioServer& server : arm.ice_servers) {
    if (server.source)
      return Error{ErrorCode::kBadScenario,
                   "arm \"" + arm.name + "\": this run has not read its source of servers"};
    for (const std::string& url : server.urls) {
      const TurnService* service = serviceFor(url, services);
      auto made = iceServerOf(url, server, service);
      if (!made)
        return made.error();
      if (made->scheme == IceScheme::kTurn) {
        const Credentials known = credentialsOf(server, service);
        made->username = known.username;
        made->credential = known.password;
        if (!known.rest_secret.empty()) {
          const auto ttl = std::chrono::duration_cast<std::chrono::seconds>(server.rest_ttl);
          auto fresh = turnRestCredential(known.rest_secret, user, now + ttl);
          made->username = fresh.username;
          made->credential = fresh.password;
        }
      }
      list.push_back(std::move(*made));
    }
  }
  return list;
}

}  // namespace turnout
