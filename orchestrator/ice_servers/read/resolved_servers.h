// The servers of a user, from wherever he set them: command line before environment before .env
// files, for each of
//
//   TURN_SERVERS     URLs with commas between them, or RTCIceServer JSON
//   STUN_SERVERS     the same; they come behind
//   TURN_USERNAME, TURN_CREDENTIAL   of the TURN servers that have none of their own
//
// each also with the prefix VITE_, which loses against the plain name of the same source. Empty
// counts as not set. The order given is the order used. Pure.
#pragma once

#include "orchestrator/ice_servers/read/deployment.h"
#include "orchestrator/ice_servers/read/server_finding.h"
#include "orchestrator/ice_servers/read/setting.h"
#include "pipelines/ice/ice_server.h"

#include <string>
#include <vector>

namespace turnout {

// The variables above as the environment has them.
Settings settingsOf(const Environment& environment);

enum class PublicServers { kForbidden, kAllowed };

struct ServerPolicy {
  Deployment deployment = Deployment::kDevelopment;
  PublicServers public_servers = PublicServers::kForbidden;
};

struct ResolvedServers {
  std::vector<IceServer> servers;  // usable, one URL each, with credentials
  // "servers: environment TURN_SERVERS; user name: .env:3 TURN_USERNAME (over ...)"; "free public
  // servers"; or "none".
  std::string source;
  Findings findings;
};

// `layers`: the strongest first. Without a usable server, free public ones are used where allowed;
// without TURN what is left is STUN, and a finding says so.
ResolvedServers resolveServers(const std::vector<Settings>& layers, const ServerPolicy& policy);

}  // namespace turnout
