// The "turn" section of a scenario: the arms under comparison and their servers.
#pragma once

#include "scenarios/scenario.h"
#include "scenarios/strict_reader.h"

namespace turnout {

Key<Scenario> turnSection();

// A list of servers as an arm has it under "ice_servers".
void readServerList(const Place& place, std::vector<ScenarioServer>& servers);

}  // namespace turnout
