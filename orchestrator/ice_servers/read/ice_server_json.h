// The JSON in which apps and providers hand ICE servers around: the W3C's RTCIceServer, and what
// became of it in the wild.
//
//   {"urls": "turn:..." or ["turn:...", ...], "username": "...", "credential": "..."}
//   "url" (older), "uris" and "password" (TURN REST draft), "Uris", "Username" and "Password" (AWS)
//   in place of "urls", "username" and "credential"; one of these, a list of them, or either under
//   "iceServers", "ice_servers" or "IceServerList".
//
// Members that are not known are ignored.
#pragma once

#include "orchestrator/ice_servers/read/server_check.h"
#include "pipelines/base/json.h"
#include "pipelines/ice/ice_server.h"

#include <string>
#include <string_view>
#include <vector>

namespace turnout {

struct ServerList {
  ServerEntries entries;  // in the order written
  Findings findings;      // of what could not become an entry
};

// `where` names the document in findings: "servers.json".
ServerList readIceServers(const JsonValue& document, const std::string& where);

// A text that is not JSON is a finding as well, with its line; it is never quoted.
ServerList parseIceServers(std::string_view text, const std::string& where);

// Servers as clients take them: a list of RTCIceServer dictionaries, with their credentials in
// clear, so for the wire only. Neighbours with the same user name and credential share one.
void writeIceServers(JsonWriter& json, const std::vector<IceServer>& servers);

}  // namespace turnout
