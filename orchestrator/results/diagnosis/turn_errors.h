// What the results of ICE servers say about a call that failed: which of them is its cause.
#pragma once

#include "orchestrator/results/fold/outcome.h"

#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace turnout {

bool isTurn(const std::string& url);

// Adds the hosts of TURN URLs that answered over TCP or TLS, be it with an error.
void addStreamHosts(const std::vector<ServerResult>& servers, std::set<std::string>& hosts);

struct TurnCircumstances {
  std::optional<std::chrono::seconds> unix_time;  // of the call
  const std::set<std::string>& stream_hosts;      // as of addStreamHosts
};

// The TURN server that came closest to working, or of equals the first; absent: none failed.
std::optional<Diagnosis> worstTurnError(const std::vector<ServerResult>& servers,
                                        const TurnCircumstances& circumstances);

// TURN REST: the time in a user name, "1795248542:anything" or the number alone, after which it is
// not accepted (draft-uberti-behave-turn-rest-00 2.2). Absent: there is none.
std::optional<std::chrono::seconds> expiryOf(const std::string& user);

}  // namespace turnout
