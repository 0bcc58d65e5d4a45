#include "orchestrator/ice_servers/supply/fetch_failure.h"

namespace turnout {

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

}  // namespace turnout
