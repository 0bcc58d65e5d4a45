// The keys of an entry of "ice_servers" that name a source in place of "urls".
#pragma once

#include "scenarios/scenario.h"
#include "scenarios/strict_reader.h"

namespace turnout {

Keys<ScenarioServer> serverSourceKeys();

// Those of them that the entry has.
std::vector<std::string> serverSourcesIn(const JsonValue& entry);

}  // namespace turnout
