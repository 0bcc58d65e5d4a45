// Which of the servers that somebody wrote can be used, and why the others cannot. All findings at
// once, in the order of the entries. Pure; nothing is asked over the network.
#pragma once

#include "orchestrator/ice_servers/read/server_entry.h"
#include "orchestrator/ice_servers/read/server_finding.h"
#include "pipelines/ice/ice_server.h"

#include <vector>

namespace turnout {

struct CheckedServers {
  std::vector<IceServer> servers;  // in the order given
  Findings findings;
};

// Dropped, each with a finding: a URL that RFC 7064 and 7065 do not allow or that we cannot use, a
// TURN server without user name or credential (a user name alone is only a warning), and what was
// there already.
CheckedServers checkServers(const ServerEntries& entries);

bool hasTurn(const std::vector<IceServer>& servers);

}  // namespace turnout
