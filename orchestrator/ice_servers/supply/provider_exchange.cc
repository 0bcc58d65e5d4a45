#include "orchestrator/ice_servers/supply/provider_exchange.h"

#include "orchestrator/ice_servers/read/ice_server_json.h"
#include "orchestrator/ice_servers/read/server_check.h"
#include "pipelines/base/log.h"

#include <algorithm>
#include <charconv>
#include <functional>

namespace turnout {
namespace {

using std::chrono::seconds;

constexpr std::size_t kLongestQuote = 200;  // bytes of a provider's own words
constexpr const char* kJson = "application/json";
constexpr std::int64_t kLongestLifetime = 366 * kDayS;  // seconds; more is as good as none

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
  std::string base =
      provider.base_url.empty() ? traitsOf(provider.kind).base_url : provider.base_url;
  if (const std::size_t account = base.find('*'); account != std::string::npos)
    base.replace(account, 1, provider.account);
  while (base.ends_with('/'))
    base.pop_back();
  return base;
}

HttpRequest cloudflareRequest(const CredentialProvider& provider) {
  const seconds ttl = provider.ttl.value_or(seconds(traitsOf(provider.kind).ttl_s));
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
  if (provider.method != "GET") {
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
  for (const char* path : {"message", "error.message", "error_description", "error",
                           "errors[0].message", "errors[0]", "detail", "reason", "msg", "v"})
    if (auto text = json->at(path).asString(); text && !text->empty())
      return *std::move(text);
  return "";
}

// "2030-01-31T12:00:00Z" or a Unix time in seconds or milliseconds.
std::optional<seconds> unixTimeIn(const JsonValue& value) {
  constexpr double kFirstMilliseconds = 1e11;  // as seconds that would be the year 5138
  if (const auto number = value.asNumber(); number && *number > 0 && *number < 1e15)
    return seconds(
        static_cast<std::int64_t>(*number > kFirstMilliseconds ? *number / 1000 : *number));
  const auto text = value.asString();
  if (!text)
    return std::nullopt;
  const Owned<GTimeZone> utc(g_time_zone_new_utc());
  const Owned<GDateTime> time(g_date_time_new_from_iso8601(text->c_str(), utc.get()));
  return time ? std::optional(seconds(g_date_time_to_unix(time.get()))) : std::nullopt;
}

// When the answer as a whole says that what it gives is over.
std::optional<seconds> toldExpiry(const JsonValue& answer) {
  for (const char* name : {"expires_at", "expiresAt", "expires", "expiration", "expiry"})
    if (const auto at = unixTimeIn(answer.get(name)))
      return at;
  return std::nullopt;
}

std::optional<seconds> secondsIn(const JsonValue& value) {
  std::int64_t number = value.asInteger().value_or(0);
  if (const auto text = value.asString())  // Twilio: "86400"
    std::from_chars(text->data(), text->data() + text->size(), number);
  return number > 0 && number <= kLongestLifetime ? std::optional(seconds(number)) : std::nullopt;
}

// TURN REST: the user name begins with the Unix time of the expiry, or is that alone. A bare number
// that is long over is only a name.
std::optional<seconds> expiryIn(const std::string& username, seconds now) {
  std::int64_t at = 0;
  const auto [end, error] = std::from_chars(username.data(), username.data() + username.size(), at);
  const bool is_time = error == std::errc() && at > 1'000'000'000 &&
                       (end == username.data() + username.size() || *end == ':');
  const bool is_bare = is_time && end == username.data() + username.size();
  const bool is_name = is_bare && seconds(at) < now - std::chrono::days(365);
  return is_time && !is_name ? std::optional(seconds(at)) : std::nullopt;
}

std::optional<seconds> toldLifetime(const CredentialProvider& provider, const JsonValue& answer) {
  for (const char* name : {"ttl", "expiryInSeconds", "expires_in", "lifetime"})
    if (const auto told = secondsIn(answer.get(name)))
      return told;
  std::optional<seconds> first;  // AWS tells it with each entry
  for (const JsonValue& entry : answer.get("IceServerList").elements())
    if (const auto told = secondsIn(entry.get("Ttl")))
      first = std::min(first.value_or(*told), *told);
  if (first)
    return first;
  const std::int64_t usual = traitsOf(provider.kind).ttl_s;
  return provider.ttl || usual == 0 ? provider.ttl : seconds(usual);
}

std::string replaced(std::string text, const std::string& what) {
  if (what.empty())
    return text;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 3))
    text.replace(at, what.size(), "***");
  return text;
}

}  // namespace

const char* toString(FetchFault fault) {
  switch (fault) {
    case FetchFault::kUnreachable:
      return "unreachable";
    case FetchFault::kTimeout:
      return "timeout";
    case FetchFault::kRefused:
      return "refused";
    case FetchFault::kUnknown:
      return "unknown";
    case FetchFault::kRateLimited:
      return "rate_limited";
    case FetchFault::kBroken:
      return "broken";
    case FetchFault::kUnreadable:
      return "unreadable";
    case FetchFault::kNoServers:
      return "no_servers";
    case FetchFault::kExpired:
      return "expired";
  }
  return "";
}

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
  std::string_view text = response.body;
  if (text.starts_with("\xef\xbb\xbf"))  // browsers' response.json() drops it as well
    text.remove_prefix(3);
  std::vector<JsonProblem> problems;
  const auto answer = JsonValue::parse(text, problems);
  if (!answer)
    return FetchFailure{FetchFault::kUnreadable,
                        name() + "'s answer is not JSON (line " + std::to_string(problems[0].line) +
                            ", column " + std::to_string(problems[0].column) + ")"};
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
  const JsonValue list = answer.at(provider_.list_path);
  if (!list.isPresent()) {  // Xirsys: an error is 200 {"v": "unauthorized", "s": "error"}
    const std::string words = quotedWords(answer.text());
    return FetchFailure{FetchFault::kUnreadable, name() + "'s answer has nothing at \"" +
                                                     provider_.list_path + "\"" +
                                                     (words.empty() ? "" : "; it says" + words)};
  }
  ServerList written = readIceServers(list, name());
  CheckedServers checked = checkServers(written.entries);
  FetchedServers fetched{std::move(checked.servers), std::move(written.findings),
                         toldLifetime(provider_, answer)};
  fetched.findings.insert(fetched.findings.end(), checked.findings.begin(), checked.findings.end());
  for (ServerFinding& finding : fetched.findings)
    finding.what = withoutSecrets(std::move(finding.what));
  if (fetched.servers.empty())
    return FetchFailure{
        FetchFault::kNoServers,
        name() + "'s answer holds no server that can be used" +
            (fetched.findings.empty() ? quotedWords(answer.text())
                                      : " (" + findingLine(fetched.findings.front()) + ")")};
  if (const ServerFinding* error = firstError(fetched.findings))
    return FetchFailure{FetchFault::kUnreadable, error->where + ": " + error->what};
  std::optional<seconds> expiry = toldExpiry(answer);
  for (const IceServer& server : fetched.servers)
    if (const auto of_user = expiryIn(server.username, now))
      expiry = std::min(expiry.value_or(*of_user), *of_user);
  if (expiry && *expiry <= now)
    return FetchFailure{FetchFault::kExpired, name() + " gave credentials that expired " +
                                                  std::to_string((now - *expiry).count()) +
                                                  " s ago: a clock is wrong, here or there"};
  if (expiry)
    fetched.lifetime = std::min(fetched.lifetime.value_or(seconds::max()), *expiry - now);
  return fetched;
}

// The provider's own words, ` ("words")`; empty when it has none.
std::string ProviderExchange::quotedWords(const std::string& body) const {
  std::string words = printable(withoutSecrets(messageIn(body)));
  words.resize(std::min(words.size(), kLongestQuote));
  return words.empty() ? "" : " (\"" + words + "\")";
}

FetchFailure ProviderExchange::refusal(const HttpResponse& response) const {
  const std::string answered =
      name() + " answered " + std::to_string(response.status) + quotedWords(response.body);
  switch (response.status) {
    case 301:
    case 302:
    case 303:
    case 307:
    case 308:
      return {
          FetchFault::kBroken,
          answered + ": it redirects" +
              (response.location.empty() ? ""
                                         : " to " + printable(withoutSecrets(response.location))) +
              ", which is not followed, so that no key goes to another place: name the right URL"};
    case 405:
      return {FetchFault::kBroken, answered + ": this URL does not take " + provider_.method};
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
    case HttpFailure::Kind::kNotHttp:
    case HttpFailure::Kind::kUntrusted:
      return {FetchFault::kUnreachable, what};
    case HttpFailure::Kind::kTooLarge:
      break;
  }
  return {FetchFault::kUnreadable, what};
}

// A provider may repeat what it was sent, whole or in part, as it was or encoded.
std::string ProviderExchange::withoutSecrets(std::string text) const {
  constexpr std::size_t kShortest = 6;  // bytes; less is no secret, and may stand anywhere
  std::vector<std::string> secrets{provider_.token.reveal(), provider_.url.reveal()};
  const std::string& url = provider_.url.reveal();
  if (const std::size_t path = url.find('/', url.find("//") + 2); path != std::string::npos) {
    secrets.push_back(url.substr(path));
    for (std::size_t begin = path; begin < url.size();) {  // segments, names and values
      const std::size_t end = std::min(url.find_first_of("/?&=", begin), url.size());
      if (end - begin >= kShortest && !provider_.url_env.empty())
        secrets.push_back(url.substr(begin, end - begin));
      begin = end + 1;
    }
  }
  for (const ProviderHeader& header : provider_.headers) {
    const std::string& value = header.value.reveal();
    secrets.push_back(value);
    if (const std::size_t space = value.find(' '); space != std::string::npos) {  // "Bearer abc"
      const std::string word = value.substr(space + 1);
      secrets.push_back(word);
      gsize size = 0;
      const Owned<guchar> plain(g_base64_decode(word.c_str(), &size));  // "Basic dXNlcjpwdw=="
      const std::string pair(reinterpret_cast<const char*>(plain.get()), size);
      if (const std::size_t colon = pair.find(':'); colon != std::string::npos) {
        secrets.push_back(pair);
        secrets.push_back(pair.substr(colon + 1));
      }
    }
  }
  if (provider_.kind == ProviderKind::kTwilio)
    secrets.push_back(basic(provider_.account, provider_.token).reveal().substr(6));
  std::ranges::sort(secrets, std::greater(), &std::string::size);  // a part only after its whole
  for (const std::string& secret : secrets) {
    text = replaced(std::move(text), secret);
    text = replaced(std::move(text), escaped(secret));
    if (const Owned<char> plain(g_uri_unescape_string(secret.c_str(), nullptr)); plain)
      text = replaced(std::move(text), plain.get());
  }
  return text;
}

}  // namespace turnout
