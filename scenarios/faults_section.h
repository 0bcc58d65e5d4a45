// The "faults" section of a scenario: what goes wrong with the servers of the run on purpose.
#pragma once

#include "scenarios/scenario.h"
#include "scenarios/strict_reader.h"

namespace turnout {

Key<Scenario> faultsSection();

// What needs the arms to be judged; names the service of each fault that leaves it out.
void checkFaults(const Place& root, Scenario& scenario);

}  // namespace turnout
