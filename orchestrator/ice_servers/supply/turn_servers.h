// An arm's servers as a bot needs them: placeholders replaced by the TURN servers of this run,
// credentials filled in, one IceServer per URL in the order written. Pure.
#pragma once

#include "orchestrator/services/coturn_config.h"
#include "pipelines/base/result.h"
#include "pipelines/base/secret.h"
#include "pipelines/ice/ice_server.h"
#include "scenarios/scenario.h"
#include "scenarios/server_source.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace turnout {

// The TURN REST scheme (draft-uberti-behave-turn-rest-00): a user name that carries its expiry, and
// a password that only those who share the secret can make. coturn: use-auth-secret.
struct TurnCredential {
  std::string username;
  Secret password;
};

// username "<expiry>:<user>", without `user` "<expiry>"; password base64(HMAC-SHA1(secret, username)); `expiry` as Unix time.
TurnCredential turnRestCredential(const Secret& secret, const std::string& user,
                                  std::chrono::seconds expiry);

// The services that must run for the scenario's arms.
std::vector<Placeholder> servicesNeeded(const Scenario& scenario);

// TURN REST: whether we make the user name and the password of this entry.
bool makesRestCredentials(const ScenarioServer& server);

// For each entry of an arm's ice_servers what its source gave; empty for an entry without source.
using SourcedServers = std::vector<std::vector<IceServer>>;

struct RestMoment {  // how TURN REST credentials are made now
  std::string user{};
  std::chrono::seconds now{};  // Unix time; they expire after the server's ttl
  // Services of which they are to have expired already, by name. Empty name: of all, and of
  // servers that are not the run's.
  std::set<std::string> expired{};
  SourcedServers sourced{};  // which come with credentials of their own
};

// What the scenario gives wins over what the service has: wrong passwords can be tested.
Result<std::vector<IceServer>> iceServersOf(const TurnArm& arm, const TurnServices& services,
                                            const RestMoment& moment);

}  // namespace turnout
