// The sections of a scenario that say what a call is: "calls", "steps", "recovery", "messages",
// "session".
#pragma once

#include "scenarios/scenario.h"
#include "scenarios/strict_reader.h"

namespace turnout {

Key<Scenario> callsSection();
Key<Scenario> stepsSection();
Key<Scenario> recoverySection();
Key<Scenario> messagesSection();
Key<Scenario> sessionSection();

// What needs more than one key to be judged.
void checkCalls(const Place& root, Scenario& scenario);

}  // namespace turnout
