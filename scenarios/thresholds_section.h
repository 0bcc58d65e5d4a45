// The "thresholds" section of a scenario: conditions by measure, names of sets, or both; and
// "extend", which lets the run grow until they are decided.
#pragma once

#include "scenarios/scenario.h"
#include "scenarios/strict_reader.h"

namespace turnout {

Key<Scenario> thresholdsSection();
Key<Scenario> extendSection();

// What needs more than one section: arms that thresholds name, and whether there is anything that
// an extension could decide. `root`: the scenario as a whole.
void checkThresholds(const Place& root, const Scenario& scenario);

}  // namespace turnout
