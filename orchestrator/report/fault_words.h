// Mistakes of the app in words that a person understands.
#pragma once

#include "orchestrator/results/session_tally.h"

#include <optional>
#include <string>

namespace turnout {

const char* explanationOf(AppFault fault);  // "the ring timeout ended a call that had ..."

// The fault that hit the most calls, as a clause: "the app ended 3 answered calls by its ring
// timeout". Candidates that come twice do no harm, so anything else is worse. Absent: none was
// seen.
std::optional<std::string> worstFaultClause(const SessionTally& session);

}  // namespace turnout
