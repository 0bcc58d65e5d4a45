// Mistakes of the app in words that a person understands.
#pragma once

#include "orchestrator/results/fold/session_tally.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace turnout {

const char* explanationOf(AppFault fault);  // "the ring timeout ended a call that had ..."
const char* remedyFor(AppFault fault);      // what to change: a sentence

// By how many calls they hit. Candidates that come twice do no harm, so anything else is worse.
std::vector<std::pair<AppFault, FaultTally>> faultsWorstFirst(const SessionTally& session);

// The worst as a clause: "the app ended 3 answered calls by its ring timeout". Absent: none seen.
std::optional<std::string> worstFaultClause(const SessionTally& session);

}  // namespace turnout
