// One fetch of credentials from a provider's API: requests out, responses in, servers or the reason
// why not at the end. Pure. The APIs, as documented by their owners:
//
//   Cloudflare  POST /v1/turn/keys/ID/credentials/generate-ice-servers, Bearer token, {"ttl": s}
//   Twilio      POST /2010-04-01/Accounts/SID/Tokens.json, Basic SID:token, Ttl=s
//   Metered     GET /api/v1/turn/credentials?apiKey=...; with a ttl before that
//               POST /api/v1/turn/credential?secretKey=... {"expiryInSeconds": s}, which gives a
//               key
//   http        as the scenario says
#pragma once

#include "orchestrator/ice_servers/read/server_check.h"
#include "pipelines/base/http/http_message.h"
#include "pipelines/base/json.h"
#include "pipelines/ice/ice_server.h"
#include "scenarios/server_source.h"

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace turnout {

// Why a provider gave no credentials.
enum class FetchFault {
  kUnreachable,  // no connection, no name, no TLS
  kTimeout,
  kRefused,      // 401, 403: the token is wrong
  kUnknown,      // 404: there is no such key or account
  kRateLimited,  // 429
  kBroken,       // any other status that is no success
  kUnreadable,   // not JSON, or not the JSON of this API
  kNoServers,    // nothing in it can be used
  kExpired,      // what was handed out is over already: a clock is wrong
};
const char* toString(FetchFault fault);  // "unreachable", ...

struct FetchFailure {
  FetchFault fault = FetchFault::kBroken;
  std::string what;  // a sentence for a person; holds no secret
  std::optional<std::chrono::seconds> retry_after{};
};

struct FetchedServers {
  std::vector<IceServer> servers;  // at least one
  Findings findings;               // of those that cannot be used
  // Of the credentials, from the receipt on; absent: nobody told, they do not seem to expire.
  std::optional<std::chrono::seconds> lifetime;
};

class ProviderExchange {
 public:
  // `provider` has its secrets (server_sources.h: takeSecretsFromEnvironment).
  explicit ProviderExchange(CredentialProvider provider) : provider_(std::move(provider)) {}

  HttpRequest begin();
  using Next = std::variant<HttpRequest, FetchedServers, FetchFailure>;
  Next take(const HttpResponse& response, std::chrono::seconds now);  // Unix time
  FetchFailure failed(const HttpFailure& failure) const;

 private:
  FetchFailure refusal(const HttpResponse& response) const;
  Next takeKey(const JsonValue& answer);
  Next takeServers(const JsonValue& answer, std::chrono::seconds now) const;
  std::string name() const { return traitsOf(provider_.kind).word; }
  std::string quotedWords(const std::string& body) const;
  std::string withoutSecrets(std::string text) const;

  CredentialProvider provider_;
  bool awaits_key_ = false;  // Metered: the answer is a key, not servers
};

}  // namespace turnout
