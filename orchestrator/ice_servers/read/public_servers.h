// Free servers that anybody may use, and nobody should rely on: public_ice_servers.json, compiled
// in. Asked only with --allow-public-turn.
#pragma once

#include "orchestrator/ice_servers/read/server_entry.h"

namespace turnout {

ServerEntries publicServers();

}  // namespace turnout
