// What it means for calls that turnout itself stood still meanwhile: a call of which a measured phase
// overlaps a stall longer than can be borne is neither a success nor a failure of what is tested.
// Stalls elsewhere in the run change nothing. Pure.
#pragma once

#include "orchestrator/results/fold/outcome.h"

namespace turnout {

// Longer than this, in sum of one thread, and a time to connect would be turnout's own; a peer, a
// TURN server or a deadline may have given up meanwhile.
inline constexpr double kStallLimitMs = 100;

// As long, after the call was up, and a gap or loss of media may be turnout's own.
inline constexpr double kMediaStallLimitMs = 200;

// Calls of outcomes.calls become aborted (kHostStalled), or lose their fate. `outcomes.run.stalls`
// are in order.
void applyStalls(Outcomes& outcomes);

}  // namespace turnout
