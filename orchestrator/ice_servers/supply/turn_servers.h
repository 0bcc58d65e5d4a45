// An arm's servers as a bot needs them: placeholders replaced by the TURN servers of this run,
// credentials filled in, one IceServer per URL in the order written. Pure.
#pragma once

#include "orchestrator/services/turn_service.h"
#include "pipelines/base/result.h"
#include "pipelines/ice/ice_server.h"
#include "scenarios/placeholder.h"
#include "scenarios/scenario.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace turnout {

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
