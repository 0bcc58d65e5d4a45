// The whole run in the one sentence that somebody would say to a colleague.
#pragma once

#include "orchestrator/results/fold/summary.h"
#include "orchestrator/results/judge/verdict.h"

#include <string>

namespace turnout {

std::string closingSentence(const Summary& summary, const Verdict& verdict);

}  // namespace turnout
