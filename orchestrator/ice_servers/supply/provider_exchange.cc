#include "orchestrator/ice_servers/supply/provider_exchange.h"

#include "orchestrator/ice_servers/read/ice_server_json.h"
#include "orchestrator/ice_servers/read/server_check.h"
#include "orchestrator/ice_servers/supply/json_path.h"
#include "pipelines/base/json_syntax.h"
#include "pipelines/base/printable.h"

#include <charconv>

namespace turnout {
namespace {

using std::chrono::seconds;

constexpr std::size_t kLongestQuote = 200;  // bytes of a provider's own words
constexpr const char* kJson = "application/json";
constexpr std::int64_t kDay = 86'400;                  // seconds
constexpr std::int64_t kLongestLifetime = 366 * kDay;  // more is as good as none

std::string escaped(const std::string& text) {
  return Owned<char>(g_uri_escape_string(text.c_str(), nullptr, FALSE)).get();
}

Secret basic(const std::string& user, const Secret& password) {
  const std::string pair = user + ":" + password.reveal();
  const Owned<char> text(
      g_base64_encode(reinterpret_cast<const guchar*>(pair.data()), pair.size()));
  return Secret("Basic " + std::string(text.get()));
}

std::string baseOf(const CredentialProvider& provider) {
  std::string base = provider.base_url;
  if (base.empty() && provider.kind == ProviderKind::kCloudflare)
    base = "https://rtc.live.cloudflare.com";
  if (base.empty() && provider.kind == ProviderKind::kTwilio)
    base = "https://api.twilio.com";
  if (base.empty() && provider.kind == ProviderKind::kMetered)
    base = "https://" + provider.account + ".metered.live";
  while (base.ends_with('/'))
    base.pop_back();
  return base;
}

HttpRequest cloudflareRequest(const CredentialProvider& provider) {
  const seconds ttl = provider.ttl.value_or(seconds(kDay));
  return {"POST",
          Secret(baseOf(provider) + "/v1/turn/keys/" + escaped(provider.account) +
                 "/credentials/generate-ice-servers"),
          {{"Authorization", Secret("Bearer " + provider.token.reveal())}},
          kJson,
          Secret("{\"ttl\":" + std::to_string(ttl.count()) + "}")};
}

HttpRequest twilioRequest(const CredentialProvider& provider) {
  HttpRequest request{"POST",
                      Secret(baseOf(provider) + "/2010-04-01/Accounts/" +
                             escaped(provider.account) + "/Tokens.json"),
                      {{"Authorization", basic(provider.account, provider.token)}},
                      "application/x-www-form-urlencoded",
                      {}};
  if (provider.ttl)
    request.body = Secret("Ttl=" + std::to_string(provider.ttl->count()));
  return request;
}

HttpRequest meteredListRequest(const CredentialProvider& provider, const std::string& key) {
  return {"GET",
          Secret(baseOf(provider) + "/api/v1/turn/credentials?apiKey=" + escaped(key)),
          {},
          "",
          {}};
}

HttpRequest meteredCreateRequest(const CredentialProvider& provider) {
  JsonWriter body;
  body.beginObject()
      .field("expiryInSeconds", std::int64_t{provider.ttl->count()})
      .field("label", "turnout")
      .endObject();
  return {"POST",
          Secret(baseOf(provider) +
                 "/api/v1/turn/credential?secretKey=" + escaped(provider.token.reveal())),
          {},
          kJson,
          Secret(body.take())};
}

HttpRequest httpRequest(const CredentialProvider& provider) {
  HttpRequest request{provider.method, provider.url, {}, "", {}};
  for (const ProviderHeader& header : provider.headers)
    request.headers.push_back({header.name, header.value});
  if (provider.method == "POST") {
    request.content_type = kJson;
    request.body = Secret(provider.body.empty() ? "{}" : provider.body);
  }
  return request;
}

// The provider's own words in an answer that is no success.
std::string messageIn(const std::string& body) {
  const auto json = JsonValue::parse(body);
  if (!json)
    return "";
  for (const char* path : {"message", "error", "error.message", "errors[0].message", "detail"})
    if (auto text = valueAt(*json, path).asString(); text && !text->empty())
      return *std::move(text);
  return "";
}

std::optional<seconds> secondsIn(const JsonValue& value) {
  std::int64_t number = value.asInteger().value_or(0);
  if (const auto text = value.asString())  // Twilio: "86400"
    std::from_chars(text->data(), text->data() + text->size(), number);
  return number > 0 && number <= kLongestLifetime ? std::optional(seconds(number)) : std::nullopt;
}

// TURN REST: the user name begins with the Unix time of the expiry.
std::optional<seconds> expiryIn(const std::string& username) {
  std::int64_t at = 0;
  const auto [end, error] = std::from_chars(username.data(), username.data() + username.size(), at);
  const bool is_time = error == std::errc() && at > 1'000'000'000 &&
                       (end == username.data() + username.size() || *end == ':');
  return is_time ? std::optional(seconds(at)) : std::nullopt;
}

std::optional<seconds> toldLifetime(const CredentialProvider& provider, const JsonValue& answer) {
  for (const char* name : {"ttl", "expiryInSeconds"})
    if (const auto told = secondsIn(answer.get(name)))
      return told;
  if (!provider.ttl &&
      (provider.kind == ProviderKind::kCloudflare || provider.kind == ProviderKind::kTwilio))
    return seconds(kDay);
  return provider.ttl;
}

std::string replaced(std::string text, const std::string& what) {
  if (what.empty())
    return text;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 3))
    text.replace(at, what.size(), "***");
  return text;
}

}  // namespace

HttpRequest ProviderExchange::begin() {
  switch (provider_.kind) {
    case ProviderKind::kCloudflare:
      return cloudflareRequest(provider_);
    case ProviderKind::kTwilio:
      return twilioRequest(provider_);
    case ProviderKind::kMetered:
      awaits_key_ = provider_.ttl.has_value();
      return awaits_key_ ? meteredCreateRequest(provider_)
                         : meteredListRequest(provider_, provider_.token.reveal());
    case ProviderKind::kHttp:
      break;
  }
  return httpRequest(provider_);
}

ProviderExchange::Next ProviderExchange::take(const HttpResponse& response, seconds now) {
  if (response.status < 200 || response.status > 299)
    return refusal(response);
  const auto problems = jsonSyntaxProblems(response.body);
  if (!problems.empty())
    return FetchFailure{FetchFault::kUnreadable,
                        name() + "'s answer is not JSON (line " + std::to_string(problems[0].line) +
                            ", column " + std::to_string(problems[0].column) + ")"};
  const auto answer = JsonValue::parse(response.body);
  if (!answer)
    return FetchFailure{FetchFault::kUnreadable, name() + "'s answer is not JSON"};
  return awaits_key_ ? takeKey(*answer) : takeServers(*answer, now);
}

ProviderExchange::Next ProviderExchange::takeKey(const JsonValue& answer) {
  const auto key = answer.get("apiKey").asString();
  if (!key || key->empty())
    return FetchFailure{FetchFault::kUnreadable, name() + "'s answer has no \"apiKey\""};
  awaits_key_ = false;
  return meteredListRequest(provider_, *key);
}

ProviderExchange::Next ProviderExchange::takeServers(const JsonValue& answer, seconds now) const {
  const JsonValue list = valueAt(answer, provider_.list_path);
  if (!list.isPresent())
    return FetchFailure{FetchFault::kUnreadable,
                        name() + "'s answer has nothing at \"" + provider_.list_path + "\""};
  ServerList written = readIceServers(list, name());
  CheckedServers checked = checkServers(written.entries);
  FetchedServers fetched{std::move(checked.servers), std::move(written.findings),
                         toldLifetime(provider_, answer)};
  fetched.findings.insert(fetched.findings.end(), checked.findings.begin(), checked.findings.end());
  if (fetched.servers.empty())
    return FetchFailure{
        FetchFault::kNoServers,
        name() + "'s answer holds no server that can be used" +
            (fetched.findings.empty()
                 ? ""
                 : " (" + withoutSecrets(findingLine(fetched.findings.front())) + ")")};
  for (const IceServer& server : fetched.servers) {
    const auto expiry = expiryIn(server.username);
    if (expiry && *expiry <= now)
      return FetchFailure{FetchFault::kExpired, name() + " gave credentials that expired " +
                                                    std::to_string((now - *expiry).count()) +
                                                    " s ago: a clock is wrong, here or there"};
    if (expiry)
      fetched.lifetime = std::min(fetched.lifetime.value_or(seconds::max()), *expiry - now);
  }
  return fetched;
}

FetchFailure ProviderExchange::refusal(const HttpResponse& response) const {
  std::string words = printable(withoutSecrets(messageIn(response.body)));
  words.resize(std::min(words.size(), kLongestQuote));
  const std::string said = words.empty() ? "" : " (\"" + words + "\")";
  const std::string answered = name() + " answered " + std::to_string(response.status) + said;
  switch (response.status) {
    case 401:
    case 403:
      return {FetchFault::kRefused, answered + ": the token is wrong, or may not do this"};
    case 404:
      return {FetchFault::kUnknown,
              answered + (provider_.account.empty() ? ": there is nothing at this URL"
                                                    : ": it does not know " + provider_.account)};
    case 429:
      return {FetchFault::kRateLimited,
              answered + ": asked too often" +
                  (response.retry_after
                       ? ", again in " + std::to_string(response.retry_after->count()) + " s"
                       : ""),
              response.retry_after};
    default:
      return {FetchFault::kBroken, answered, response.retry_after};
  }
}

FetchFailure ProviderExchange::failed(const HttpFailure& failure) const {
  const std::string what = name() + ": " + withoutSecrets(failure.what);
  switch (failure.kind) {
    case HttpFailure::Kind::kTimeout:
      return {FetchFault::kTimeout, what};
    case HttpFailure::Kind::kUnreachable:
    case HttpFailure::Kind::kUntrusted:
      return {FetchFault::kUnreachable, what};
    case HttpFailure::Kind::kTooLarge:
      break;
  }
  return {FetchFault::kUnreadable, what};
}

// A provider may repeat what it was sent.
std::string ProviderExchange::withoutSecrets(std::string text) const {
  text = replaced(std::move(text), provider_.token.reveal());
  text = replaced(std::move(text), provider_.url.reveal());
  for (const ProviderHeader& header : provider_.headers) {
    const std::string& value = header.value.reveal();
    text = replaced(std::move(text), value);
    if (const std::size_t space = value.find(' '); space != std::string::npos)  // "Bearer abc"
      text = replaced(std::move(text), value.substr(space + 1));
  }
  return text;
}

}  // namespace turnout
