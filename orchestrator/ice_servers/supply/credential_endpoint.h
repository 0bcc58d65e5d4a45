// GET and POST /api/turn-credentials: temporary TURN credentials for clients, in the shape of
// Cloudflare's API, {"iceServers": [RTCIceServer...], "ttl": seconds}. They are made from a shared
// secret or fetched from a provider; that secret never leaves the process.
//
//   204  to a browser's OPTIONS              401  without the token
//   403  page of an origin not in the list   405  other methods
//   429  asked too often, Retry-After        503  there are no valid credentials now
//
// Threads: the loop's.
#pragma once

#include "orchestrator/ice_servers/supply/server_sources.h"
#include "pipelines/base/http/http_message.h"
#include "pipelines/base/http/rate_limit.h"
#include "pipelines/base/loop.h"
#include "pipelines/base/result.h"
#include "pipelines/base/secret.h"

#include <memory>
#include <string>
#include <vector>

namespace turnout {

class CredentialEndpoint {
 public:
  static constexpr const char* kPath = "/api/turn-credentials";

  struct Config {
    std::vector<ScenarioServer> servers;  // with their secrets
    Secret token{};                       // if any, a request must carry it as bearer
    std::vector<std::string> origins{};   // whose pages may read the answer; empty: our own only
    int per_minute = 30;                  // requests of one address
    Duration timeout = 5s;                // of a request to a provider
  };

  // Error (kBadScenario): a server of `servers` has a fixed password, which everybody would get.
  static Result<std::unique_ptr<CredentialEndpoint>> start(Loop& loop, Config config);

  HttpEndpoint endpoint();  // valid as long as this lives
  HttpEndpoint::Answer answer(const HttpEndpoint::Request& request);

 private:
  CredentialEndpoint(Loop& loop, Config config);
  HttpEndpoint::Answer judge(const HttpEndpoint::Request& request);
  HttpEndpoint::Answer issue();
  bool isListed(const std::string& origin) const;

  const Config config_;
  RateLimit limit_;
  const TurnArm arm_;
  ServerSources sources_;
};

}  // namespace turnout
