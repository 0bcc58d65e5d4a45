// The servers of a user, from wherever they are set: command line before environment before .env
// files, for each of
//
//   TURN_SERVERS     URLs with commas between them, or RTCIceServer JSON
//   STUN_SERVERS     the same; they come behind
//   TURN_USERNAME, TURN_CREDENTIAL   of the TURN servers that have none of their own
//
// Other names that apps use are read as well (TURN_URL, TURN_SERVER_URL, TURN_PASSWORD, ...), each
// also with the prefix of a bundler (VITE_, NEXT_PUBLIC_, REACT_APP_, ...); ours come first, plain
// ones before those with a prefix of the same source. What speaks of TURN or STUN and is not read is
// a finding. Empty counts as not set. The order given is the order used. Pure.
#pragma once

#include "orchestrator/ice_servers/read/server_check.h"
#include "orchestrator/ice_servers/read/settings.h"
#include "pipelines/ice/ice_server.h"

#include <string>
#include <vector>

namespace turnout {

// Free servers that anybody may use, and nobody should rely on: public_ice_servers.json, compiled
// in. Asked only with --allow-public-turn.
ServerEntries publicServers();

// Whether a variable's name has to do with such servers: "MY_TURN_HOST", not "TURNOUT_ENV".
bool isAboutServers(std::string_view name);

// Of the variables `names` those, as the environment has them.
Settings settingsOf(const Environment& environment, const std::vector<std::string>& names);

// Forgets STUN_SERVERS, under all its names: a list on the command line is the whole list.
void dropStunServers(Settings& settings);

enum class PublicServers { kForbidden, kAllowed };

struct ServerPolicy {
  Deployment deployment = Deployment::kDevelopment;
  PublicServers public_servers = PublicServers::kForbidden;
  Credentials credentials = Credentials::kRequired;
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

// For people: where the list comes from, and a line for each server; credentials are "***",
// findings are not in it.
std::string serverListText(const ResolvedServers& resolved);

// For programs: {"source", "ice_servers": [RTCIceServer, with "transport"], "findings": [...]}, indented.
std::string serverListJson(const ResolvedServers& resolved);

}  // namespace turnout
