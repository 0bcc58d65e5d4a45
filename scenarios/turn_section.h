// The "turn" section of a scenario: the arms under comparison and their servers.
#pragma once

#include "scenarios/scenario.h"
#include "scenarios/strict_reader.h"

namespace turnout {

Key<Scenario> turnSection();

}  // namespace turnout
