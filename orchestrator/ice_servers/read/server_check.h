// Which of the servers that somebody wrote can be used, and why the others cannot. All findings at
// once, in the order of the entries. Pure; nothing is asked over the network.
#pragma once

#include "pipelines/base/secret.h"
#include "pipelines/ice/ice_server.h"

#include <string>
#include <vector>

namespace turnout {

// One server as somebody wrote it, before it is checked: nothing here has been read yet.
struct ServerEntry {
  std::string where;     // of the URL, for findings: "servers.json: iceServers[0].urls[1]"
  std::string url;       // one; a list of URLs has become as many entries
  std::string username;  // empty: none given
  Secret credential;     // empty: none given
};
using ServerEntries = std::vector<ServerEntry>;

// What is to be said about a list of servers, beside the list itself. Never holds a credential.
enum class Severity {
  kNote,
  kWarning,  // it works, or the rest does
  kError,    // what was asked for cannot be had
};
const char* toString(Severity severity);  // "note", "warning", "error"

struct ServerFinding {
  Severity severity = Severity::kNote;
  std::string where;  // "TURN_SERVERS[1]", "servers.json: iceServers[0].urls[1]"; may be empty
  std::string what;

  bool operator==(const ServerFinding&) const = default;
};
using Findings = std::vector<ServerFinding>;

std::string findingLine(const ServerFinding& finding);  // "warning: WHERE: WHAT"
bool hasError(const Findings& findings);
const ServerFinding* firstError(const Findings& findings);  // nullptr: there is none

struct CheckedServers {
  std::vector<IceServer> servers;  // in the order given
  Findings findings;
};

// Whether TURN servers need a credential. kOptional: without one they are kept, to be asked how far
// they answer.
enum class Credentials { kRequired, kOptional };

// Not among the servers, each with a finding: what makes RTCPeerConnection() throw for the whole
// list (kError: a URL that it does not take, a TURN server without user name or credential), and
// what it takes in vain or has already (kWarning: a host that cannot exist, a URL given twice).
CheckedServers checkServers(const ServerEntries& entries,
                            Credentials credentials = Credentials::kRequired);

bool hasTurn(const std::vector<IceServer>& servers);

}  // namespace turnout
