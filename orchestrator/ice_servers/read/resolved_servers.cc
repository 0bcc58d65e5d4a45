#include "orchestrator/ice_servers/read/resolved_servers.h"

#include "orchestrator/ice_servers/read/ice_server_json.h"
#include "orchestrator/ice_servers/read/server_check.h"
#include "pipelines/base/files.h"
#include "pipelines/base/json.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace turnout {
namespace {

// What a variable is for, and how apps call it; the first name is ours, and comes first.
struct Role {
  const char* what;
  std::initializer_list<const char*> names;
};
constexpr Role kTurnServers{
    "servers",
    {"TURN_SERVERS", "TURN_SERVER", "TURN_URLS", "TURN_URL", "TURN_URIS", "TURN_URI",
     "TURN_SERVER_URLS", "TURN_SERVER_URL", "TURN_SERVER_URIS", "TURN_SERVER_URI", "ICE_SERVERS"}};
constexpr Role kStunServers{
    "STUN servers",
    {"STUN_SERVERS", "STUN_SERVER", "STUN_URLS", "STUN_URL", "STUN_URIS", "STUN_URI",
     "STUN_SERVER_URLS", "STUN_SERVER_URL", "STUN_SERVER_URIS", "STUN_SERVER_URI"}};
constexpr Role kUsername{
    "user name",
    {"TURN_USERNAME", "TURN_USER", "TURN_USER_NAME", "TURN_SERVER_USERNAME", "TURN_SERVER_USER"}};
constexpr Role kCredential{"credential",
                           {"TURN_CREDENTIAL", "TURN_PASSWORD", "TURN_PASS", "TURN_PWD",
                            "TURN_SERVER_CREDENTIAL", "TURN_SERVER_PASSWORD"}};

// What bundlers put before the names of variables that become part of the app's pages: Vite, Next,
// Create React App, SvelteKit, Nuxt, Expo, Vue CLI, Gatsby.
constexpr std::array<std::string_view, 8> kPagePrefixes{
    "VITE_",        "NEXT_PUBLIC_", "REACT_APP_", "NUXT_PUBLIC_",
    "EXPO_PUBLIC_", "VUE_APP_",     "GATSBY_",    "PUBLIC_"};

// "VITE_" of "VITE_TURN_URL"; empty when it has none.
std::string_view pagePrefixOf(std::string_view name) {
  const auto* found = std::ranges::find_if(
      kPagePrefixes, [name](std::string_view prefix) { return name.starts_with(prefix); });
  return found == kPagePrefixes.end() ? std::string_view() : *found;
}

std::string withoutPagePrefix(const std::string& name) {
  return name.substr(pagePrefixOf(name).size());
}

bool isKnown(const std::string& name) {
  const std::string plain = withoutPagePrefix(name);
  for (const Role* role : {&kTurnServers, &kStunServers, &kUsername, &kCredential})
    if (std::ranges::find(role->names, plain) != role->names.end())
      return true;
  return false;
}

// Every setting of a role that says something, the one that counts first.
bool saysSomething(const Setting& setting) {
  return !setting.value.empty();
}
// "TURN_URL=${HOST}" where nobody has set HOST.
bool hasComeToNothing(const Setting& setting) {
  return setting.value.empty() && !setting.unset.empty();
}
std::vector<const Setting*> settingsOf(const Role& role, const std::vector<Settings>& layers,
                                       bool (*wanted)(const Setting&) = saysSomething) {
  std::vector<const Setting*> found;
  const auto take = [&](const Settings& layer, const std::string& name) {
    if (const auto setting = layer.find(name); setting != layer.end() && wanted(setting->second))
      found.push_back(&setting->second);
  };
  for (const Settings& layer : layers)
    for (const char* name : role.names) {
      take(layer, name);
      for (const std::string_view prefix : kPagePrefixes)
        take(layer, std::string(prefix) + name);
    }
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
    readServers(kTurnServers);
    readServers(kStunServers);
    const bool turn_wanted = logIn();
    keepUsable(entries_);
    const bool has_lost_some = tellNothings(kTurnServers) | tellNothings(kStunServers);
    const bool understood = tellNearMisses() && !has_lost_some;
    if (resolved_.servers.empty())
      fallBack(turn_wanted || !understood);
    else
      warnOfNoTurn(turn_wanted || !understood);
    if (resolved_.source.empty())
      resolved_.source = "none";
    return std::move(resolved_);
  }

 private:
  // The setting that counts; it is noted in the line of sources.
  const Setting* choose(const Role& role) {
    const auto found = settingsOf(role, layers_);
    if (found.empty())
      return nullptr;
    std::string& source = resolved_.source;
    source += (source.empty() ? "" : "; ") + std::string(role.what) + ": " + found.front()->where;
    tellUnset(*found.front());
    for (std::size_t i = 1; i < found.size(); ++i)
      source += (i == 1 ? " (over " : ", ") + found[i]->where;
    source += found.size() > 1 ? ")" : "";
    return found.front();
  }

  void tellUnset(const Setting& setting) {
    for (const std::string& name : setting.unset)
      find(Severity::kWarning, setting.where,
           "$" + name + " is not set, and so nothing, as in Vite; a dollar sign is written \\$");
  }

  // Of servers that were asked for, and nothing is left of it; whether there are any.
  bool tellNothings(const Role& role) {
    const auto nothings = settingsOf(role, layers_, hasComeToNothing);
    for (const Setting* setting : nothings)
      tellUnset(*setting);
    return !nothings.empty();
  }

  void readServers(const Role& role) {
    const Setting* setting = choose(role);
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
    const Setting* username = choose(kUsername);
    const Setting* credential = choose(kCredential);
    for (ServerEntry* entry : without) {
      entry->username = username ? username->value.reveal() : "";
      entry->credential = credential ? credential->value : Secret();
    }
    const std::string_view where = credential ? credential->where : std::string_view();
    const std::string_view prefix = pagePrefixOf(where.substr(where.rfind(' ') + 1));
    if (!prefix.empty())
      find(Severity::kWarning, credential->where,
           "variables that begin with " + std::string(prefix) +
               " become part of the app's pages: everybody can read this credential; hand out "
               "temporary ones instead");
    return turn_wanted;
  }

  void keepUsable(const ServerEntries& entries) {
    CheckedServers checked = checkServers(entries, policy_.credentials);
    resolved_.servers = std::move(checked.servers);
    std::move(checked.findings.begin(), checked.findings.end(),
              std::back_inserter(resolved_.findings));
  }

  // Variables that speak of TURN or STUN and that nobody here reads: a list that is left out in
  // silence looks like one that was never written. False: there were some of TURN, and no TURN
  // server came of the others.
  bool tellNearMisses() {
    bool of_turn = false;
    std::vector<std::string> known(kTurnServers.names.begin(), kTurnServers.names.end());
    for (const Role* role : {&kStunServers, &kUsername, &kCredential})
      known.insert(known.end(), role->names.begin(), role->names.end());
    for (const Settings& layer : layers_)
      for (const auto& [name, setting] : layer) {
        if (isKnown(name) || !isAboutServers(name) || setting.value.empty())
          continue;
        const bool is_secret = name.find("SECRET") != std::string::npos;
        of_turn |= name.find("TURN") != std::string::npos;
        find(Severity::kWarning, setting.where,
             is_secret ? "is not read: a shared secret makes temporary credentials, in a scenario "
                         "(\"rest\": {\"secret_env\": \"" +
                             name + "\"})"
                       : "is not read" + nearestKnown(withoutPagePrefix(name)));
      }
    return !of_turn || hasTurn(resolved_.servers);
  }

  static std::string nearestKnown(const std::string& name) {
    const bool is_stun = name.find("STUN") != std::string::npos;
    for (const char* part : {"USER", "LOGIN"})
      if (name.find(part) != std::string::npos)
        return "; the user name is TURN_USERNAME";
    for (const char* part : {"PASS", "CRED", "PWD"})
      if (name.find(part) != std::string::npos)
        return "; the credential is TURN_CREDENTIAL";
    return is_stun ? "; STUN servers are named by STUN_SERVERS, as URLs"
                   : "; TURN servers are named by TURN_SERVERS, as URLs";
  }

  void fallBack(bool turn_wanted) {
    if (turn_wanted)
      return find(Severity::kError, "",
                  "NO TURN SERVER IS USABLE, though variables speak of one (docs/SERVERS.md)");
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

constexpr const char* kMask = "***";

void writeServer(JsonWriter& json, const IceServer& server) {
  json.beginObject().field("urls", server.url);
  if (server.scheme == IceScheme::kTurn)
    json.field("username", server.username).field("credential", kMask);
  json.field("host", server.host)
      .field("port", int{server.port})
      .field("transport", toString(server.transport))
      .endObject();
}

}  // namespace

std::span<const EmbeddedFile> publicServerFiles();  // turnout_embed()

ServerEntries publicServers() {
  const EmbeddedFile& file = publicServerFiles().front();
  return parseIceServers(file.bytes, std::string(file.name)).entries;
}

bool isAboutServers(std::string_view name) {
  for (std::size_t begin = 0; begin <= name.size();) {
    const std::size_t end = std::min(name.find('_', begin), name.size());
    const std::string_view word = name.substr(begin, end - begin);
    const std::string_view rest = name.substr(std::min(end + 1, name.size()));
    if (word == "TURN" || word == "STUN" || word == "TURNS" ||
        (word == "ICE" && (rest.starts_with("SERVER") || rest.starts_with("URL"))))
      return true;
    begin = end + 1;
  }
  return false;
}

Settings settingsOf(const Environment& environment, const std::vector<std::string>& names) {
  Settings settings;
  for (const std::string& name : names)
    if (auto value = isAboutServers(name) ? environment(name) : std::nullopt)
      settings[name] = {Secret(*std::move(value)), "environment " + name};
  return settings;
}

void dropStunServers(Settings& settings) {
  std::erase_if(settings, [](const auto& setting) {
    const auto& names = kStunServers.names;
    return std::ranges::find(names, withoutPagePrefix(setting.first)) != names.end();
  });
}

ResolvedServers resolveServers(const std::vector<Settings>& layers, const ServerPolicy& policy) {
  return Resolution(layers, policy).resolve();
}

std::string serverListText(const ResolvedServers& resolved) {
  std::size_t width = 0;
  for (const IceServer& server : resolved.servers)
    width = std::max(width, server.url.size());
  std::string text = "From " + resolved.source + "\n";
  for (const IceServer& server : resolved.servers) {
    text += "  " + server.url;
    if (server.scheme == IceScheme::kTurn)
      text += std::string(width - server.url.size() + 2, ' ') + server.username + " / " + kMask;
    text += '\n';
  }
  return text;
}

std::string serverListJson(const ResolvedServers& resolved) {
  JsonWriter json(JsonWriter::Style::kIndented);
  json.beginObject().field("source", resolved.source).key("ice_servers").beginArray();
  for (const IceServer& server : resolved.servers)
    writeServer(json, server);
  json.endArray().key("findings").beginArray();
  for (const auto& [severity, where, what] : resolved.findings)
    json.beginObject()
        .field("severity", toString(severity))
        .field("where", where)
        .field("what", what)
        .endObject();
  return json.endArray().endObject().take();
}

}  // namespace turnout
