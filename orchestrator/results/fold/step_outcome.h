// What became of the steps of a call: whether each link that a step ended came back in time, and
// whether the partners of a bot that went for good were told.
#pragma once

#include "orchestrator/results/fold/outcome.h"
#include "orchestrator/results/fold/session_record.h"
#include "scenarios/call_shape.h"

#include <vector>

namespace turnout {

enum class Watched { kToTheEnd, kInPart };  // in part: turnout lost the call, or the log ends

// `recover`: the deadline, from the instant the bot is back.
std::vector<StepOutcome> stepOutcomes(const Moments& moments, const CallShape& shape,
                                      Duration recover, Watched watched);

}  // namespace turnout
