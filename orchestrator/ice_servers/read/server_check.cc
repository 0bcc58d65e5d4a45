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

constexpr const char* kBrowsersThrow = ": browsers refuse the whole list for it";
constexpr std::size_t kLongestUsername = 509;  // bytes; RFC 8489, 14.3

bool isSame(const IceServer& a, const IceServer& b) {
  return a.scheme == b.scheme && a.host == b.host && a.port == b.port &&
         a.transport == b.transport && a.username == b.username && a.credential == b.credential;
}

class ServerCheck {
 public:
  explicit ServerCheck(Credentials credentials) : credentials_(credentials) {}

  CheckedServers take(const ServerEntries& entries) {
    for (const ServerEntry& entry : entries)
      check(entry);
    return std::move(checked_);
  }

 private:
  void check(const ServerEntry& entry) {
    auto server = parseIceServerUrl(entry.url);
    if (whyBrowsersThrow(entry.url))
      return find(Severity::kError, entry, server.error().what + kBrowsersThrow);
    if (!server)
      return find(Severity::kWarning, entry,
                  "dropped: " + server.error().what + "; browsers take it, and ask in vain");
    if (server->scheme == IceScheme::kTurn && !logIn(entry, *server))
      return;
    const auto& kept = checked_.servers;
    if (std::any_of(kept.begin(), kept.end(), [&](const auto& s) { return isSame(s, *server); }))
      return find(Severity::kWarning, entry, "dropped: " + server->url + " is given twice");
    if (doChromiumsRefuse(*server))
      find(Severity::kWarning, entry,
           server->url + ": browsers on Chromium refuse TURN on port " +
               std::to_string(server->port) + "; below 1024 they take 53, 80 and 443");
    checked_.servers.push_back(*std::move(server));
  }

  bool logIn(const ServerEntry& entry, IceServer& server) {
    server.username = entry.username;
    server.credential = entry.credential;
    const char* why = nullptr;
    const bool has_none = entry.username.empty() && entry.credential.empty();
    if (has_none && credentials_ == Credentials::kOptional)
      return true;
    if (has_none)
      why = " is a TURN server without user name and credential";
    else if (entry.username.empty())
      why = " has a credential and no user name";
    else if (entry.credential.empty())
      why = " has a user name and no credential";
    else if (entry.username.size() > kLongestUsername)
      why = " has a user name of more than 509 bytes";
    if (why)
      find(Severity::kError, entry, server.url + why + kBrowsersThrow);
    return !why;
  }

  void find(Severity severity, const ServerEntry& entry, std::string what) {
    checked_.findings.push_back({severity, entry.where, std::move(what)});
  }

  const Credentials credentials_;
  CheckedServers checked_;
};

}  // namespace

const char* toString(Severity severity) {
  switch (severity) {
    case Severity::kNote:
      return "note";
    case Severity::kWarning:
      return "warning";
    case Severity::kError:
      return "error";
  }
  return "";
}

std::string findingLine(const ServerFinding& finding) {
  return std::string(toString(finding.severity)) + ": " +
         (finding.where.empty() ? "" : finding.where + ": ") + finding.what;
}

bool hasError(const Findings& findings) {
  return firstError(findings) != nullptr;
}

const ServerFinding* firstError(const Findings& findings) {
  const auto found = std::ranges::find(findings, Severity::kError, &ServerFinding::severity);
  return found == findings.end() ? nullptr : &*found;
}

CheckedServers checkServers(const ServerEntries& entries, Credentials credentials) {
  return ServerCheck(credentials).take(entries);
}

bool hasTurn(const std::vector<IceServer>& servers) {
  return std::any_of(servers.begin(), servers.end(),
                     [](const IceServer& server) { return server.scheme == IceScheme::kTurn; });
}

}  // namespace turnout
