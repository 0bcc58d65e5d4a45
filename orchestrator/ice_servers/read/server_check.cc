#include "orchestrator/ice_servers/read/server_check.h"

#include <algorithm>

namespace turnout {
namespace {

// Chromium opens no TURN connection to other ports below 1024 (TurnPort::AllowedTurnPort in
// p2p/base/turn_port.cc), so what works here would not work there.
bool doChromiumsRefuse(const IceServer& server) {
  return server.scheme == IceScheme::kTurn && server.port < 1024 && server.port != 53 &&
         server.port != 80 && server.port != 443;
}

bool isSame(const IceServer& a, const IceServer& b) {
  return a.scheme == b.scheme && a.host == b.host && a.port == b.port &&
         a.transport == b.transport && a.username == b.username && a.credential == b.credential;
}

class ServerCheck {
 public:
  CheckedServers take(const ServerEntries& entries) {
    for (const ServerEntry& entry : entries)
      check(entry);
    return std::move(checked_);
  }

 private:
  void check(const ServerEntry& entry) {
    auto server = parseIceServerUrl(entry.url);
    if (!server)
      return find(Severity::kError, entry, "dropped: " + server.error().what);
    if (server->scheme == IceScheme::kTurn && !logIn(entry, *server))
      return;
    const auto& kept = checked_.servers;
    if (std::any_of(kept.begin(), kept.end(), [&](const auto& s) { return isSame(s, *server); }))
      return find(Severity::kWarning, entry, "dropped: " + entry.url + " is given twice");
    if (doChromiumsRefuse(*server))
      find(Severity::kWarning, entry,
           entry.url + ": browsers on Chromium refuse TURN on port " +
               std::to_string(server->port) + "; below 1024 they take 53, 80 and 443");
    checked_.servers.push_back(*std::move(server));
  }

  bool logIn(const ServerEntry& entry, IceServer& server) {
    server.username = entry.username;
    server.credential = entry.credential;
    if (!entry.username.empty() && !entry.credential.empty())
      return true;
    if (!entry.username.empty())
      find(Severity::kWarning, entry,
           "dropped: " + entry.url + " has a user name and no credential");
    else
      find(Severity::kError, entry,
           "dropped: " + entry.url +
               (entry.credential.empty() ? " is a TURN server without user name and credential"
                                         : " has a credential and no user name"));
    return false;
  }

  void find(Severity severity, const ServerEntry& entry, std::string what) {
    checked_.findings.push_back({severity, entry.where, std::move(what)});
  }

  CheckedServers checked_;
};

}  // namespace

CheckedServers checkServers(const ServerEntries& entries) {
  return ServerCheck().take(entries);
}

bool hasTurn(const std::vector<IceServer>& servers) {
  return std::any_of(servers.begin(), servers.end(),
                     [](const IceServer& server) { return server.scheme == IceScheme::kTurn; });
}

}  // namespace turnout
