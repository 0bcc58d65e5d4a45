// The cells of a run with networks: one table, a row for each pair of sites, a column for each TURN
// configuration.
#pragma once

#include "orchestrator/results/fold/summary.h"
#include "pipelines/base/json.h"

#include <cstddef>
#include <string>

namespace turnout {

std::string gridText(const Summary& summary, std::size_t columns);  // empty: no networks
// As the field "networks" of the open object; none without networks.
void writeGrid(JsonWriter& json, const Summary& summary);

}  // namespace turnout
