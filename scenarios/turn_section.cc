#include "scenarios/sections.h"
#include "scenarios/server_source.h"

#include <algorithm>
#include <map>

namespace turnout {
namespace {

constexpr std::int64_t kMaxArms = 64;
constexpr std::int64_t kMaxServers = 16;  // entries of an arm, and URLs of an entry

struct UrlAt {
  Place place;
  std::string text;
  std::optional<IceServer> server;  // absent: not readable, and said so
  std::optional<Placeholder> placeholder;

  bool isTurn() const { return server && server->scheme == IceScheme::kTurn; }
};

// "{coturn}" of "turn:{coturn}?transport=udp"; empty without a pair of braces.
std::string bracesIn(const std::string& url) {
  const std::size_t open = url.find('{');
  const std::size_t close = url.find('}', open);
  return close == std::string::npos ? "" : url.substr(open, close - open + 1);
}

// Braces in a URL: one known placeholder, alone where host and port would stand, since the port is
// known only when the server runs. The URL itself is not quoted: it may hold a password.
std::optional<std::string> whyNotBraces(const std::string& url) {
  if (url.find_first_of("{}") == std::string::npos)
    return std::nullopt;
  const std::string name = bracesIn(url);
  if (name.empty())
    return "a brace without its pair";
  if (!placeholderOf(url))
    return "unknown placeholder \"" + name + "\"" +
           suggestion(name, {"{coturn}", "{coturn-2}", "{coturn-rest}", "{coturn-rest-2}",
                             "{coturn-quota}"});
  const std::size_t open = url.find('{');
  const std::string before = url.substr(0, open), after = url.substr(open + name.size());
  if (!before.ends_with(':') || (!after.empty() && !after.starts_with('?')) ||
      (before + after).find_first_of("{}") != std::string::npos)
    return name + " stands for host and port: expected \"turn:" + name + "\" or \"turn:" + name +
           "?transport=udp\"";
  return std::nullopt;
}

Result<IceServer> readableUrl(const std::string& url) {
  if (const auto why = whyNotBraces(url))
    return Error{ErrorCode::kBadScenario, *why};
  constexpr std::string_view kStandIn = "placeholder.invalid";
  auto server = parseIceServerUrl(withAddress(url, kStandIn));
  if (server || bracesIn(url).empty())
    return server;
  std::string what = server.error().what;
  if (const std::size_t at = what.find(kStandIn); at != std::string::npos)
    what.replace(at, kStandIn.size(), bracesIn(url));
  return Error{ErrorCode::kBadScenario, what};
}

UrlAt readUrl(const Place& place) {
  UrlAt url{.place = place,
            .text = iceUrlAsBrowsersRead(place.value.asString().value_or("")),
            .server = std::nullopt,
            .placeholder = std::nullopt};
  if (!place.value.isString()) {
    place.expected("a URL such as \"turn:turn.example.net:3478?transport=udp\"");
    return url;
  }
  url.placeholder = placeholderOf(url.text);
  if (auto server = readableUrl(url.text))
    url.server = *std::move(server);
  else
    place.problem(server.error().what);
  return url;
}

// All URLs of an entry: "urls" is a string or a list; "url" is its name in older files.
std::vector<UrlAt> readUrls(const Place& entry) {
  const Place urls = entry.at("urls");
  const Place url = entry.at("url");
  if (urls.value.isPresent() == url.value.isPresent()) {
    entry.problem(urls.value.isPresent() ? "\"url\" is an older name of \"urls\": give one of them"
                                         : "\"urls\" is missing");
    return {};
  }
  const Place& given = urls.value.isPresent() ? urls : url;
  if (!given.value.isArray())
    return {readUrl(given)};
  std::vector<UrlAt> all;
  for (const Place& place : readList(given, {1, kMaxServers}))
    all.push_back(readUrl(place));
  return all;
}

void checkCredentials(const Place& entry, const std::vector<UrlAt>& urls) {
  const bool rest = entry.value.get("rest").isPresent();
  const bool username = entry.value.get("username").isPresent();
  const bool from_environment = entry.value.get("credential_env").isPresent();
  const bool credential = entry.value.get("credential").isPresent() || from_environment;
  if (from_environment && entry.value.get("credential").isPresent())
    entry.problem("expected either \"credential\" or \"credential_env\", got both");
  if (username != credential)
    entry.problem(username ? "\"username\" without \"credential\""
                           : "\"credential\" without \"username\"");
  if (rest && (username || credential))
    entry.problem("expected either \"rest\" or \"username\" and \"credential\", got both");
  const bool given = rest || username || credential;
  std::optional<Placeholder> first;
  for (const UrlAt& url : urls) {
    if (!url.isTurn() || given)
      continue;
    if (!url.placeholder)
      url.place.problem("a TURN server needs \"username\" and \"credential\", or \"rest\"");
    else if (first && *url.placeholder != *first)
      url.place.problem("{" + nameOf(*first) + "} and {" + nameOf(*url.placeholder) +
                        "} have different credentials: use two entries");
    else
      first = url.placeholder;
  }
}

bool usesTls(const UrlAt& url) {
  return url.server && url.server->transport == TurnTransport::kTls;
}

Keys<ScenarioServer> restKeys() {
  const auto ttl = [](const Place& place, ScenarioServer& server) {
    if (const auto seconds = readInteger(place, {1, 31'536'000}))
      server.rest_ttl = std::chrono::seconds(*seconds);
  };
  return {secret("secret", &ScenarioServer::rest_secret),
          plainName("secret_env", &ScenarioServer::rest_secret_env),
          {"ttl_s", ttl},
          choice("username", &ScenarioServer::rest_username,
                 {{"time:name", ScenarioServer::RestUserName::kTimeAndName},
                  {"time", ScenarioServer::RestUserName::kTimeAlone}}),
          boolean("renew", &ScenarioServer::rest_renew)};
}

void checkSecret(const Place& rest, const std::vector<UrlAt>& urls) {
  const bool secret = rest.value.get("secret").isPresent();
  const bool from_environment = rest.value.get("secret_env").isPresent();
  const auto has_its_own = [](const UrlAt& url) {
    return url.placeholder && url.placeholder->kind == Placeholder::Kind::kCoturnRest;
  };
  if (secret && from_environment)
    rest.problem("expected either \"secret\" or \"secret_env\", got both");
  else if (!secret && !from_environment && !std::ranges::all_of(urls, has_its_own))
    rest.problem("\"secret\" is missing");
}

Keys<ScenarioServer> tlsKeys() {
  return {boolean("verify", &ScenarioServer::tls_verify),
          text("ca_file", &ScenarioServer::tls_ca_file)};
}

Keys<ScenarioServer> serverKeys() {
  const auto later = [](const Place&, ScenarioServer&) {};  // readServer reads both names together
  Keys<ScenarioServer> keys{{"urls", later},
                            {"url", later},
                            text("username", &ScenarioServer::username),
                            secret("credential", &ScenarioServer::credential),
                            plainName("credential_env", &ScenarioServer::credential_env),
                            section("rest", restKeys()),
                            {"relay_family",
                             [](const Place& place, ScenarioServer& server) {
                               server.relay_family = readWord(place, {"ipv4", "ipv6"}) == "ipv6"
                                                         ? RelayFamily::kIpv6
                                                         : RelayFamily::kIpv4;
                             }},
                            section("tls", tlsKeys())};
  for (auto& key : serverSourceKeys())
    keys.push_back(std::move(key));
  return keys;
}

// A source brings URLs and credentials of its own.
void checkSource(const Place& entry, const std::vector<std::string>& sources) {
  for (std::size_t i = 1; i < sources.size(); ++i)
    entry.at(sources[i]).problem("comes on top of \"" + sources[0] + "\": use two entries");
  for (const char* key : {"urls", "url", "username", "credential", "credential_env", "rest"})
    if (entry.value.get(key).isPresent())
      entry.at(key).problem("does not go with \"" + sources[0] + "\", which brings its own");
}

void readServer(const Place& entry, ScenarioServer& server) {
  readObject(entry, serverKeys(), server);
  if (!entry.value.isObject())
    return;
  if (const auto sources = serverSourcesIn(entry.value); !sources.empty())
    return checkSource(entry, sources);
  const std::vector<UrlAt> urls = readUrls(entry);
  for (const UrlAt& url : urls)
    server.urls.push_back(url.text);
  checkCredentials(entry, urls);
  if (const Place rest = entry.at("rest"); rest.value.isObject())
    checkSecret(rest, urls);
  if (entry.value.get("relay_family").isPresent() &&
      std::none_of(urls.begin(), urls.end(), [](const UrlAt& url) { return url.isTurn(); }))
    entry.at("relay_family").problem("applies to TURN URLs, and none is given here");
  if (entry.value.get("tls").isPresent() && std::none_of(urls.begin(), urls.end(), usesTls))
    entry.at("tls").problem("applies to \"turns:\" URLs, and none is given here");
}

// What an arm and its callee have alike.
template <class T>
Key<T> policyKey() {
  return {"policy", [](const Place& place, T& end) {
            end.relay_only = readWord(place, {"all", "relay"}) == "relay";
          }};
}

Keys<CalleeEnd> calleeKeys() {
  const auto noServers = [](const Place& place, CalleeEnd& callee) {
    callee.has_servers = false;
    if (!place.value.isArray() || !place.value.elements().empty())
      place.expected("[]: a callee has the servers of its arm, or none");
  };
  return {policyKey<CalleeEnd>(), {"ice_servers", noServers}};
}

Keys<TurnArm> armKeys() {
  const auto expect = [](const Place& place, TurnArm& arm) {
    arm.is_to_fail = readWord(place, {"success", "failure"}) == "failure";
  };
  return {required(plainName("name", &TurnArm::name)),
          policyKey<TurnArm>(),
          {"expect", expect},
          list("ice_servers", {0, kMaxServers}, &TurnArm::ice_servers, serverKeys(), readServer),
          objectOrNull("callee", &TurnArm::callee, calleeKeys())};
}

// A URL that cannot be read counts: it has been reported already. So does a source: what it gives
// is known when the run begins.
bool mayRelay(const TurnArm& arm) {
  for (const ScenarioServer& server : arm.ice_servers) {
    if (server.source)
      return true;
    for (const std::string& url : server.urls)
      if (const auto readable = readableUrl(url); !readable || readable->scheme == IceScheme::kTurn)
        return true;
  }
  return false;
}

void readArm(const Place& place, TurnArm& arm) {
  readObject(place, armKeys(), arm);
  if (arm.relay_only && !mayRelay(arm))
    place.at("policy").problem("\"relay\" needs a TURN server in \"ice_servers\"");
  if (arm.callee && arm.callee->relay_only && !(arm.callee->has_servers && mayRelay(arm)))
    place.at("callee").at("policy").problem("\"relay\" needs a TURN server, and it has none");
}

void checkNamesDiffer(const Place& arms) {
  std::map<std::string, std::string> first;  // name, path
  for (const Place& arm : arms.elements()) {
    const Place name = arm.at("name");
    const auto text = name.value.asString();
    if (!text)
      continue;
    if (const auto [same, is_new] = first.emplace(*text, arm.path); !is_new)
      name.problem("the name \"" + *text + "\" is that of " + same->second);
  }
}

}  // namespace

void readServerList(const Place& place, std::vector<ScenarioServer>& servers) {
  for (const Place& element : readList(place, {1, kMaxServers}))
    readServer(element, servers.emplace_back());
}

Key<Scenario> turnSection() {
  auto arms = list("turn", {1, kMaxArms}, &Scenario::turn, armKeys(), readArm);
  return {arms.name,
          [read = arms.read](const Place& place, Scenario& scenario) {
            read(place, scenario);
            checkNamesDiffer(place);
          },
          arms.below};
}

}  // namespace turnout
