// Why a call failed: of several complaints the root, and of that exactly one primary cause, with
// what was seen. A pure function of what the events of the call and of the run say; the list of
// causes and what to do: primary_cause.h.
#pragma once

#include "orchestrator/results/fold/outcome.h"
#include "scenarios/scenario.h"

namespace turnout {

// A bot host that was later than this (99th percentile of its worst second) when a call ran out of
// time may have been the reason: some twenty times its usual timer.
inline constexpr double kOverloadedLoopLagMs = 500;

// Turnout itself lost the call; nothing is said about the system under test.
bool isAbortion(FailureCause cause);

// The lowest rank is the root. Ranks follow the course of a call, because what breaks early makes
// everything later fail as well; a bug of ours comes first, and a peer that left or stayed away,
// which is always a symptom of its own trouble, last.
int rootRank(FailureCause cause);

// `call` has a cause; `arm` is its arm.
Diagnosis diagnosisOf(const CallOutcome& call, const TurnArm& arm, const RunFacts& run);

}  // namespace turnout
