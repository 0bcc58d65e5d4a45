// How many bot hosts a run gets. Pure.
#pragma once

#include "scenarios/plan.h"
#include "scenarios/scenario.h"

namespace turnout {

// Most bots at once when every call lasts `call_length`.
int peakBots(const Plan& plan, Duration call_length);

// Scenario::hosts when given; else one host per 100 bots of the peak, at most two per core.
int hostCount(const Scenario& scenario, const Plan& plan, unsigned cores);

}  // namespace turnout
