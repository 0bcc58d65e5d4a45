// A stored run as `turnout run` leaves it, from what a test says of each call.
#pragma once

#include "scenarios/plan.h"

#include <cstdint>
#include <functional>
#include <string>

namespace turnout::test {

// How long the call took to connect, as a multiple of 100 ms; not positive: it failed.
using CallFate = std::function<double(const PlannedCall& call)>;

// Writes scenario.json and events.jsonl into `directory`, which is made when absent.
void storeRun(const std::string& directory, const std::string& scenario_text, std::uint64_t seed,
              const CallFate& fate);

}  // namespace turnout::test
