#include "orchestrator/ice_servers/read/resolved_servers.h"

#include "orchestrator/ice_servers/read/ice_server_json.h"
#include "orchestrator/ice_servers/read/public_servers.h"
#include "orchestrator/ice_servers/read/server_check.h"

#include <iterator>

namespace turnout {
namespace {

constexpr const char* kTurnServers = "TURN_SERVERS";
constexpr const char* kStunServers = "STUN_SERVERS";
constexpr const char* kUsername = "TURN_USERNAME";
constexpr const char* kCredential = "TURN_CREDENTIAL";
constexpr const char* kNames[] = {kTurnServers, kStunServers, kUsername, kCredential};
const std::string kPagePrefix = "VITE_";  // NOLINT(cert-err58-cpp): allocates nothing

// Every setting of a name, the one that counts first.
std::vector<const Setting*> settingsNamed(const std::string& name,
                                          const std::vector<Settings>& layers) {
  std::vector<const Setting*> found;
  for (const Settings& layer : layers)
    for (const std::string& each : {name, kPagePrefix + name})
      if (const auto setting = layer.find(each);
          setting != layer.end() && !setting->second.value.empty())
        found.push_back(&setting->second);
  return found;
}

std::string trimmed(const std::string& text) {
  constexpr const char* kBlank = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kBlank);
  return begin == std::string::npos ? ""
                                    : text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

ServerList readList(const std::string& text, const std::string& where) {
  const std::string list = trimmed(text);
  if (list.starts_with('[') || list.starts_with('{'))
    return parseIceServers(text, where);
  ServerList read;
  std::size_t begin = 0;
  for (int i = 0; begin <= list.size(); ++i) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    const std::string url = trimmed(list.substr(begin, end - begin));
    const std::string place = where + "[" + std::to_string(i) + "]";
    if (url.empty())
      read.findings.push_back({Severity::kWarning, place, "there is no URL between the commas"});
    else
      read.entries.push_back({place, url, "", {}});
    begin = end + 1;
  }
  return read;
}

class Resolution {
 public:
  Resolution(const std::vector<Settings>& layers, const ServerPolicy& policy)
      : layers_(layers), policy_(policy) {}

  ResolvedServers resolve() {
    readServers(kTurnServers, "servers");
    readServers(kStunServers, "STUN servers");
    const bool turn_wanted = logIn();
    keepUsable(entries_);
    if (resolved_.servers.empty())
      fallBack();
    else
      warnOfNoTurn(turn_wanted);
    if (resolved_.source.empty())
      resolved_.source = "none";
    return std::move(resolved_);
  }

 private:
  // The setting that counts; it is noted in the line of sources.
  const Setting* choose(const std::string& name, const std::string& what) {
    const auto found = settingsNamed(name, layers_);
    if (found.empty())
      return nullptr;
    std::string& source = resolved_.source;
    source += (source.empty() ? "" : "; ") + what + ": " + found.front()->where;
    for (std::size_t i = 1; i < found.size(); ++i)
      source += (i == 1 ? " (over " : ", ") + found[i]->where;
    source += found.size() > 1 ? ")" : "";
    return found.front();
  }

  void readServers(const std::string& name, const std::string& what) {
    const Setting* setting = choose(name, what);
    if (!setting)
      return;
    ServerList list = readList(setting->value.reveal(), setting->where);
    std::move(list.findings.begin(), list.findings.end(), std::back_inserter(resolved_.findings));
    std::move(list.entries.begin(), list.entries.end(), std::back_inserter(entries_));
  }

  // Returns whether any TURN server is asked for.
  bool logIn() {
    std::vector<ServerEntry*> without;
    bool turn_wanted = false;
    for (ServerEntry& entry : entries_) {
      const auto server = parseIceServerUrl(entry.url);
      if (server && server->scheme == IceScheme::kStun)
        continue;
      turn_wanted = true;
      if (entry.username.empty() && entry.credential.empty())
        without.push_back(&entry);
    }
    if (without.empty())
      return turn_wanted;
    const Setting* username = choose(kUsername, "user name");
    const Setting* credential = choose(kCredential, "credential");
    for (ServerEntry* entry : without) {
      entry->username = username ? username->value.reveal() : "";
      entry->credential = credential ? credential->value : Secret();
    }
    if (credential && credential->where.find(kPagePrefix) != std::string::npos)
      find(Severity::kWarning, credential->where,
           "variables that begin with VITE_ become part of the app's pages: everybody can read "
           "this credential; hand out temporary ones instead");
    return turn_wanted;
  }

  void keepUsable(const ServerEntries& entries) {
    CheckedServers checked = checkServers(entries);
    resolved_.servers = std::move(checked.servers);
    std::move(checked.findings.begin(), checked.findings.end(),
              std::back_inserter(resolved_.findings));
  }

  void fallBack() {
    const bool production = policy_.deployment == Deployment::kProduction;
    if (policy_.public_servers == PublicServers::kForbidden)
      return find(production ? Severity::kError : Severity::kWarning, "",
                  "no usable STUN or TURN server: only calls within one network will connect. Set "
                  "TURN_SERVERS (.env.example), or try free public servers with "
                  "--allow-public-turn");
    keepUsable(publicServers());
    resolved_.source += (resolved_.source.empty() ? "" : "; ") + std::string("free public servers");
    find(production ? Severity::kError : Severity::kWarning, "",
         production ? "no usable server is configured, so free public ones are used IN PRODUCTION: "
                      "they limit rates and promise nothing, and without a TURN server of one's "
                      "own calls through symmetric NATs, as on mobile networks, fail"
                    : "no usable server is configured, so free public ones are used: they limit "
                      "rates and promise nothing; do not measure with them");
  }

  void warnOfNoTurn(bool turn_wanted) {
    if (hasTurn(resolved_.servers))
      return;
    const bool severe = turn_wanted || policy_.deployment == Deployment::kProduction;
    find(severe ? Severity::kError : Severity::kWarning, "",
         std::string(turn_wanted ? "NO TURN SERVER IS USABLE" : "no TURN server is configured") +
             ": only STUN is left, and calls through symmetric NATs (mobile networks) and from "
             "networks that block UDP will fail");
  }

  void find(Severity severity, std::string where, std::string what) {
    resolved_.findings.push_back({severity, std::move(where), std::move(what)});
  }

  const std::vector<Settings>& layers_;
  const ServerPolicy policy_;
  ServerEntries entries_;
  ResolvedServers resolved_;
};

}  // namespace

Settings settingsOf(const Environment& environment) {
  Settings settings;
  for (const char* name : kNames)
    for (const std::string& each : {std::string(name), kPagePrefix + name})
      if (auto value = environment(each))
        settings[each] = {Secret(*std::move(value)), "environment " + each};
  return settings;
}

ResolvedServers resolveServers(const std::vector<Settings>& layers, const ServerPolicy& policy) {
  return Resolution(layers, policy).resolve();
}

}  // namespace turnout
