// The JSON in which apps and providers hand ICE servers around: the W3C's RTCIceServer, and what
// became of it in the wild.
//
//   {"urls": "turn:..." or ["turn:...", ...], "username": "...", "credential": "..."}
//   "url" (older), "uris" and "password" (TURN REST draft) in place of "urls" and "credential";
//   one of these, a list of them, or either under "iceServers" or "ice_servers".
//
// Members that are not known are ignored.
#pragma once

#include "orchestrator/ice_servers/read/server_entry.h"
#include "orchestrator/ice_servers/read/server_finding.h"
#include "pipelines/base/json.h"

#include <string>
#include <string_view>

namespace turnout {

struct ServerList {
  ServerEntries entries;  // in the order written
  Findings findings;      // of what could not become an entry
};

// `where` names the document in findings: "servers.json".
ServerList readIceServers(const JsonValue& document, const std::string& where);

// A text that is not JSON is a finding as well, with its line; it is never quoted.
ServerList parseIceServers(std::string_view text, const std::string& where);

}  // namespace turnout
