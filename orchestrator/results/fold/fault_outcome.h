// What faults of the servers did to a call: whether the links and sockets that it lost by them came
// back in time. A loss is of the fault at whose onset it began.
#pragma once

#include "orchestrator/results/fold/fault_span.h"
#include "orchestrator/results/fold/outcome.h"
#include "orchestrator/results/fold/session_record.h"
#include "orchestrator/results/fold/step_outcome.h"

#include <vector>

namespace turnout {

// One for each fault that hit the call. `recover`: the deadline, from the instant the fault is
// over, or from its onset when it never is.
std::vector<StepOutcome> faultOutcomes(const std::vector<FaultSpan>& faults, const Moments& moments,
                                       Duration recover, Watched watched);

}  // namespace turnout
