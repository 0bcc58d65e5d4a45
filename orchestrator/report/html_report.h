// A run as one HTML file for people: no network, no other files, light and dark. What is in html/
// is put together with D3 (Debian's libjs-d3) and the data of the run. Nothing from outside becomes
// markup: data is JSON in a script that does not run, the page shows it as text only, and the
// content security policy lets nothing run but the scripts of the page, by their hashes.
#pragma once

#include "orchestrator/results/call_events.h"
#include "orchestrator/results/judged_run.h"

#include <string>

namespace turnout {

// `events`: of the calls to be shown one by one (callsToShow).
std::string htmlReport(const JudgedRun& run, const CallEvents& events);

}  // namespace turnout
