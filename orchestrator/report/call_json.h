// One call for the page of a report: what became of it, and each of its events as a short row
//   [ms after the scheduled start, bot, peer (-1: none), kind, text, round (absent: 1)]
// The page draws its waterfall from these.
#pragma once

#include "bots/timeline/event.h"
#include "orchestrator/results/fold/outcome.h"
#include "pipelines/base/json.h"

#include <vector>

namespace turnout {

void writeCall(JsonWriter& json, const CallOutcome& call, const std::vector<Event>& events);

}  // namespace turnout
