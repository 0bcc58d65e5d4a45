#include "orchestrator/ice_servers/read/server_finding.h"

#include <algorithm>

namespace turnout {

const char* toString(Severity severity) {
  switch (severity) {
    case Severity::kNote:
      return "note";
    case Severity::kWarning:
      return "warning";
    case Severity::kError:
      return "error";
  }
  return "";
}

std::string findingLine(const ServerFinding& finding) {
  return std::string(toString(finding.severity)) + ": " +
         (finding.where.empty() ? "" : finding.where + ": ") + finding.what;
}

bool hasError(const Findings& findings) {
  return std::any_of(findings.begin(), findings.end(), [](const ServerFinding& finding) {
    return finding.severity == Severity::kError;
  });
}

}  // namespace turnout
