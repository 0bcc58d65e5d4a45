// Where an arm gets servers from when the scenario does not list their URLs, or lists one that the run
// is to start. Values only: nothing is read or asked here; orchestrator/ice_servers/supply does that
// when a run begins.
#pragma once

#include "pipelines/base/secret.h"
#include "pipelines/ice/ice_server.h"

#include <array>
#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace turnout {

struct EnvironmentServers {  // TURN_SERVERS and the like (docs/SERVERS.md)
  std::string env_file{};    // which loses against the environment; empty: none
};

struct ServerFile {  // RTCIceServer JSON
  std::string path;
};

struct GivenServers {  // complete already, with their credentials; not of a file
  std::vector<IceServer> servers;
};

enum class ProviderKind { kCloudflare, kTwilio, kMetered, kHttp };

// What differs between providers as a scenario names them; a new one is a row here and one in
// orchestrator/ice_servers/supply/provider_exchange.cc, which knows its requests.
struct ProviderTraits {
  ProviderKind kind;
  const char* word;         // its key in a scenario
  const char* account_key;  // what the account is called there; nullptr: it has a URL instead
  const char* base_url;     // of its API, "*" for the account
  std::int64_t longest_ttl_s;
  std::int64_t ttl_s;  // of what it hands out when nobody asks for another; 0: not known
};
constexpr std::int64_t kDayS = 86'400;
constexpr std::array<ProviderTraits, 4> kProviderTraits{{
    {ProviderKind::kCloudflare, "cloudflare", "key_id", "https://rtc.live.cloudflare.com",
     2 * kDayS, kDayS},
    {ProviderKind::kTwilio, "twilio", "account_sid", "https://api.twilio.com", kDayS, kDayS},
    {ProviderKind::kMetered, "metered", "app", "https://*.metered.live", 365 * kDayS, 0},
    {ProviderKind::kHttp, "http", nullptr, "", 365 * kDayS, 0},
}};
constexpr const ProviderTraits& traitsOf(ProviderKind kind) {
  return kProviderTraits[static_cast<std::size_t>(kind)];
}

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

using ServerSource = std::variant<EnvironmentServers, ServerFile, CredentialProvider, GivenServers>;

// A host in a scenario's URL that stands for a TURN server which the run starts itself.
struct Placeholder {
  enum class Kind {
    kCoturn,       // {coturn}: one static user
    kCoturnRest,   // {coturn-rest}: TURN REST, a shared secret
    kCoturnQuota,  // {coturn-quota}: one static user, who may hold one allocation at a time
  };
  Kind kind = Kind::kCoturn;
  int number = 1;  // {coturn-2} is another server of the same kind, with credentials of its own

  auto operator<=>(const Placeholder&) const = default;
};

std::string nameOf(Placeholder placeholder);  // "coturn", "coturn-2", "coturn-rest"
std::optional<Placeholder> placeholderNamed(std::string_view name);

// By the text in braces; a name not known counts as none (the loader refuses such a URL).
std::optional<Placeholder> placeholderOf(std::string_view url);

// The URL with "HOST:PORT" (or a bare host) where the braces were; unchanged without braces.
std::string withAddress(std::string_view url, std::string_view address);

}  // namespace turnout
