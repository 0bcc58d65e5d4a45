// What is to be said about a list of servers, beside the list itself. Never holds a credential.
#pragma once

#include <string>
#include <vector>

namespace turnout {

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

}  // namespace turnout
