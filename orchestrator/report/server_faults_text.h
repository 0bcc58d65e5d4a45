// The console's section on what went wrong with servers on purpose; empty where nothing did.
#pragma once

#include "orchestrator/results/fold/outcome.h"

#include <string>

namespace turnout {

std::string serverFaultsText(const RunFacts& run);

// "turn_kill of coturn at 8.0 s, back after 3.0 s"
std::string sentenceOf(const FaultSpan& fault, Instant epoch);

}  // namespace turnout
