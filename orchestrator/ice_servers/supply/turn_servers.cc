#include "orchestrator/ice_servers/supply/turn_servers.h"

#include "pipelines/base/gobject_ref.h"

#include <algorithm>

namespace turnout {
namespace {

// Long ago, so that a server whose clock is slow knows it too.
constexpr std::chrono::seconds kExpiredFor{3600};

struct Login {
  std::string username;
  Secret password, rest_secret;
};

Login credentialsOf(const ScenarioServer& server, const TurnService* service) {
  Login found{server.username, server.credential, server.rest_secret};
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
  const auto placeholder = placeholderOf(url);
  const auto found = placeholder ? services.find(*placeholder) : services.end();
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
  made->relay_family = server.relay_family;
  made->tls_verify = server.tls_verify;
  made->tls_ca_file = server.tls_ca_file.empty() && service ? service->ca_file : server.tls_ca_file;
  return made;
}

std::chrono::seconds expiryOf(const std::string& url, const ScenarioServer& server,
                              const RestMoment& moment) {
  const auto service = placeholderOf(url);
  if (moment.expired.contains("") || (service && moment.expired.contains(nameOf(*service))))
    return moment.now - kExpiredFor;
  return moment.now + std::chrono::duration_cast<std::chrono::seconds>(server.rest_ttl);
}

}  // namespace

TurnCredential turnRestCredential(const Secret& secret, const std::string& user,
                                  std::chrono::seconds expiry) {
  const std::string username = std::to_string(expiry.count()) + (user.empty() ? "" : ":" + user);
  const std::string& key = secret.reveal();
  const Owned<GHmac> hmac(
      g_hmac_new(G_CHECKSUM_SHA1, reinterpret_cast<const guchar*>(key.data()), key.size()));
  g_hmac_update(hmac.get(), reinterpret_cast<const guchar*>(username.data()),
                static_cast<gssize>(username.size()));
  guint8 digest[20];  // SHA-1
  gsize size = sizeof digest;
  g_hmac_get_digest(hmac.get(), digest, &size);
  const Owned<char> text(g_base64_encode(digest, size));
  return {username, Secret(text.get())};
}

std::vector<Placeholder> servicesNeeded(const Scenario& scenario) {
  std::vector<Placeholder> needed;
  for (const TurnArm& arm : scenario.turn)
    for (const ScenarioServer& server : arm.ice_servers)
      for (const std::string& url : server.urls) {
        const auto service = placeholderOf(url);
        if (service && std::ranges::count(needed, *service) == 0)
          needed.push_back(*service);
      }
  return needed;
}

bool makesRestCredentials(const ScenarioServer& server) {
  const bool is_given = !server.username.empty();
  return server.usesRest() ||
         (!is_given && std::ranges::any_of(server.urls, [](const std::string& url) {
           const auto service = placeholderOf(url);
           return service && service->kind == Placeholder::Kind::kCoturnRest;
         }));
}

Result<std::vector<IceServer>> iceServersOf(const TurnArm& arm, const TurnServices& services,
                                            const RestMoment& moment) {
  std::vector<IceServer> list;
  for (std::size_t i = 0; i < arm.ice_servers.size(); ++i) {
    const ScenarioServer& server = arm.ice_servers[i];
    for (IceServer given : server.source ? moment.sourced.at(i) : std::vector<IceServer>()) {
      if (!std::holds_alternative<GivenServers>(*server.source)) {
        given.relay_family = server.relay_family;
        given.tls_verify = server.tls_verify;
        given.tls_ca_file = server.tls_ca_file;
      }
      list.push_back(std::move(given));
    }
    for (const std::string& url : server.urls) {
      const TurnService* service = serviceFor(url, services);
      auto made = iceServerOf(url, server, service);
      if (!made)
        return made.error();
      if (made->scheme == IceScheme::kTurn) {
        const Login known = credentialsOf(server, service);
        made->username = known.username;
        made->credential = known.password;
        if (!known.rest_secret.empty()) {
          const bool is_named = server.rest_username == ScenarioServer::RestUserName::kTimeAndName;
          auto fresh = turnRestCredential(known.rest_secret, is_named ? moment.user : "",
                                          expiryOf(url, server, moment));
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
