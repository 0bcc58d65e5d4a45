// Why a provider gave no credentials.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace turnout {

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

}  // namespace turnout
