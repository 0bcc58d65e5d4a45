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

#include "orchestrator/ice_servers/read/server_finding.h"
#include "orchestrator/ice_servers/supply/fetch_failure.h"
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

struct FetchedServers {
  std::vector<IceServer> servers;  // at least one
  Findings findings;               // of those that cannot be used
  // Of the credentials, from the receipt on; absent: nobody told, they do not seem to expire.
  std::optional<std::chrono::seconds> lifetime;
};

class ProviderExchange {
 public:
  // `provider` has its secrets (services/environment_secrets.h).
  explicit ProviderExchange(CredentialProvider provider) : provider_(std::move(provider)) {}

  HttpRequest begin();
  using Next = std::variant<HttpRequest, FetchedServers, FetchFailure>;
  Next take(const HttpResponse& response, std::chrono::seconds now);  // Unix time
  FetchFailure failed(const HttpFailure& failure) const;

 private:
  FetchFailure refusal(const HttpResponse& response) const;
  Next takeKey(const JsonValue& answer);
  Next takeServers(const JsonValue& answer, std::chrono::seconds now) const;
  std::string name() const { return toString(provider_.kind); }
  std::string withoutSecrets(std::string text) const;

  CredentialProvider provider_;
  bool awaits_key_ = false;  // Metered: the answer is a key, not servers
};

}  // namespace turnout
