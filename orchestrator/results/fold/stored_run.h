// A run read back from its directory: scenario.json, events.jsonl. The plan is not read but made
// again from the scenario and the seed in the log, so a report cannot disagree with the plan.
#pragma once

#include "bots/timeline/event.h"
#include "orchestrator/results/fold/outcome.h"
#include "pipelines/base/result.h"
#include "scenarios/scenario.h"

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace turnout {

struct StoredRun {
  Scenario scenario;  // with the seed that was used
  Outcomes outcomes;
};

// Lines that cannot be read (a killed run leaves half a line) are counted, not fatal.
Result<StoredRun> readStoredRun(const std::string& directory);

// The events of some calls, for a report that shows calls one by one. A second walk over the log,
// because which calls are worth it is known only after the first.
using CallEvents = std::map<int, std::vector<Event>>;  // by call, in order of time

inline constexpr std::size_t kEventsOfACall = 2000;  // the first so many in the log

Result<CallEvents> readCallEvents(const std::string& directory, const std::set<int>& calls);

// At most `limit` calls: all in which something went wrong (a sample of them, if there are too many
// to leave a fifth for the others) and a sample of the others. Drawn with `seed`, so that the same
// run shows the same calls.
std::set<int> callsToShow(const Outcomes& outcomes, std::size_t limit, std::uint64_t seed);

// Failed, aborted, dropped or degraded, or the app made a mistake in it.
bool isTroubled(const CallOutcome& call);

}  // namespace turnout
