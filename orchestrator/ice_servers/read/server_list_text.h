// A resolved list for people and for programs. Credentials are "***". Pure.
#pragma once

#include "orchestrator/ice_servers/read/resolved_servers.h"

#include <string>

namespace turnout {

// Where it comes from, and a line for each server; findings are not in it.
std::string serverListText(const ResolvedServers& resolved);

// {"source", "ice_servers": [RTCIceServer, with "transport"], "findings": [...]}, indented.
std::string serverListJson(const ResolvedServers& resolved);

}  // namespace turnout
