// What a threshold judges: the value of its measure in one cell.
#pragma once

#include "orchestrator/results/fold/summary.h"
#include "scenarios/threshold.h"

#include <limits>
#include <optional>

namespace turnout {

inline constexpr double kNotReached = std::numeric_limits<double>::infinity();

// Milliseconds, a rate or a count; kNotReached: slower than what was watched; absent: no data.
std::optional<double> observedIn(const Cell& cell, const Threshold& threshold);

// What a rate is of; absent: the measure is no rate.
std::optional<Proportion> proportionIn(const Cell& cell, Measure measure);

}  // namespace turnout
