#include "scenarios/sections.h"

namespace turnout {
namespace {

using Provider = CredentialProvider;

// "https://host[:port][/path]"; not quoted when it may hold a password.
void readUrl(const Place& place, std::string& into) {
  const auto url = readText(place);
  if (!url)
    return;
  const Owned<GUri> uri(g_uri_parse(url->c_str(), G_URI_FLAGS_NONE, nullptr));
  const std::string_view scheme = uri ? g_uri_get_scheme(uri.get()) : "";
  if (!uri || (scheme != "http" && scheme != "https") || !g_uri_get_host(uri.get()) ||
      *g_uri_get_host(uri.get()) == '\0')
    return place.problem("expected a URL such as \"https://api.example.net\"");
  if (g_uri_get_userinfo(uri.get()))
    return place.problem("credentials do not belong into the URL");
  into = *url;
}

Key<Provider> url(const char* name) {
  return {name, [](const Place& place, Provider& p) { readUrl(place, p.base_url); }};
}

Key<Provider> ttl(std::int64_t longest) {
  return {"ttl_s", [longest](const Place& place, Provider& provider) {
            if (const auto seconds = readInteger(place, {1, longest}))
              provider.ttl = std::chrono::seconds(*seconds);
          }};
}

Key<Provider> scope() {
  return choice("per", &Provider::scope,
                {{"run", CredentialScope::kRun}, {"call", CredentialScope::kCall}});
}

Keys<Provider> knownProviderKeys(const ProviderTraits& traits) {
  return {plainName(traits.account_key, &Provider::account),
          plainName(std::string(traits.account_key) + "_env", &Provider::account_env),
          plainName("token_env", &Provider::token_env),
          text("token_file", &Provider::token_file),
          ttl(traits.longest_ttl_s),
          scope(),
          url("base_url")};
}

void readHeaders(const Place& headers, Provider& provider) {
  if (!headers.value.isObject())
    return headers.expected("an object such as {\"Authorization\": \"VARIABLE\"}");
  for (const std::string& name : headers.keys()) {
    const Place variable = headers.at(name);
    if (name.find_first_not_of(
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") !=
            std::string::npos ||
        name.empty())
      variable.problem("is no name of an HTTP header");
    else if (const auto value = readName(variable))
      provider.headers.push_back({name, *value});
  }
}

void readBody(const Place& body, Provider& provider) {
  if (body.value.isObject() || body.value.isArray())
    provider.body = body.value.text();
  else
    body.expected("an object or an array");
}

Keys<Provider> httpKeys() {
  return {url("url"),
          plainName("url_env", &Provider::url_env),
          choice("method", &Provider::method,
                 {{"GET", std::string("GET")},
                  {"POST", std::string("POST")},
                  {"PUT", std::string("PUT")}}),
          {"headers_env", readHeaders},
          {"body", readBody},
          text("list", &Provider::list_path),
          ttl(traitsOf(ProviderKind::kHttp).longest_ttl_s),
          scope()};
}

void oneOf(const Place& place, const std::string& a, const std::string& b) {
  const bool has_a = place.value.get(a).isPresent();
  if (has_a == place.value.get(b).isPresent())
    place.problem(has_a ? "expected either \"" + a + "\" or \"" + b + "\", got both"
                        : "\"" + a + "\" or \"" + b + "\" is missing");
}

Key<ScenarioServer> provider(const ProviderTraits& traits) {
  const Keys<Provider> keys = knownProviderKeys(traits);
  return {traits.word,
          [=](const Place& place, ScenarioServer& server) {
            Provider provider{.kind = traits.kind};
            readObject(place, keys, provider);
            if (place.value.isObject()) {
              oneOf(place, traits.account_key, std::string(traits.account_key) + "_env");
              oneOf(place, "token_env", "token_file");
            }
            server.source = std::move(provider);
          },
          keyNames(keys, ".")};
}

Key<ScenarioServer> httpProvider() {
  return {traitsOf(ProviderKind::kHttp).word,
          [](const Place& place, ScenarioServer& server) {
            Provider provider{.kind = ProviderKind::kHttp};
            readObject(place, httpKeys(), provider);
            if (place.value.isObject())
              oneOf(place, "url", "url_env");
            if (!provider.body.empty() && provider.method == "GET")
              place.at("body").problem("needs \"method\": \"POST\" or \"PUT\"");
            server.source = std::move(provider);
          },
          keyNames(httpKeys(), ".")};
}

Key<ScenarioServer> environment() {
  const Keys<EnvironmentServers> keys{text("env_file", &EnvironmentServers::env_file)};
  return {"environment",
          [keys](const Place& place, ScenarioServer& server) {
            EnvironmentServers source;
            readObject(place, keys, source);
            server.source = std::move(source);
          },
          keyNames(keys, ".")};
}

Key<ScenarioServer> file() {
  return {"file", [](const Place& place, ScenarioServer& server) {
            if (auto path = readText(place))
              server.source = ServerFile{*std::move(path)};
          }};
}

}  // namespace

Keys<ScenarioServer> serverSourceKeys() {
  Keys<ScenarioServer> keys{environment(), file()};
  for (const ProviderTraits& traits : kProviderTraits)
    keys.push_back(traits.account_key ? provider(traits) : httpProvider());
  return keys;
}

std::vector<std::string> serverSourcesIn(const JsonValue& entry) {
  std::vector<std::string> found;
  for (const auto& key : serverSourceKeys())
    if (entry.get(key.name).isPresent())
      found.push_back(key.name);
  return found;
}

}  // namespace turnout
