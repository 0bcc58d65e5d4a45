// Where an arm gets servers from when the scenario does not list their URLs. Values only: nothing
// is read or asked here; orchestrator/credentials does that when a run begins.
#pragma once

#include "pipelines/base/secret.h"

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace turnout {

struct EnvironmentServers {  // TURN_SERVERS and the like (docs/SERVERS.md)
  std::string env_file{};    // which loses against the environment; empty: none
};

struct ServerFile {  // RTCIceServer JSON
  std::string path;
};

enum class ProviderKind { kCloudflare, kTwilio, kMetered, kHttp };
const char* toString(ProviderKind kind);  // "cloudflare", ...

enum class CredentialScope {
  kRun,   // all calls share them until they are renewed
  kCall,  // each call has its own
};

struct ProviderHeader {
  std::string name, value_env;
  Secret value{};  // of the variable, when a run begins
};

// Temporary credentials from an HTTP API.
struct CredentialProvider {
  ProviderKind kind = ProviderKind::kHttp;
  CredentialScope scope = CredentialScope::kRun;
  std::string account{};  // Cloudflare: TURN key id; Twilio: account SID; Metered: name of the app
  std::string account_env{};  // in place of `account`
  // The secret that the API asks for: an environment variable or the first line of a file.
  std::string token_env{}, token_file{};
  Secret token{};          // from either, when a run begins
  std::string base_url{};  // in place of the provider's own; kHttp: the whole URL
  std::string url_env{};   // kHttp, in place of base_url: a URL may hold a key
  Secret url{};            // from either, when a run begins
  std::optional<std::chrono::seconds> ttl{};  // to ask for; kHttp: when the answer does not tell

  // kHttp
  std::string method = "GET";
  std::string body{};                     // JSON, for POST
  std::string list_path{};                // of the servers in the answer: "data.iceServers"
  std::vector<ProviderHeader> headers{};  // their values from the environment
};

using ServerSource = std::variant<EnvironmentServers, ServerFile, CredentialProvider>;

}  // namespace turnout
