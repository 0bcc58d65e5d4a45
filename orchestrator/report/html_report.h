// A run as one HTML file for people: no network, no other files, light and dark. What is in html/
// is put together with D3 (Debian's libjs-d3) and the data of the run (html_page.h). The page shows
// data as text only.
#pragma once

#include "orchestrator/results/fold/call_events.h"
#include "orchestrator/results/judge/judged_run.h"

#include <string>

namespace turnout {

// `events`: of the calls to be shown one by one (callsToShow).
std::string htmlReport(const JudgedRun& run, const CallEvents& events);

}  // namespace turnout
