// What the page of a report (html/) is given: summary.json and, beside it, what only a picture
// needs: curves, intervals, words for causes, and single calls. JSON; between program and page of
// one version, so not a contract.
#pragma once

#include "orchestrator/results/fold/call_events.h"
#include "orchestrator/results/judge/judged_run.h"

#include <cstddef>
#include <string>

namespace turnout {

inline constexpr std::size_t kShownCalls = 1000;
inline constexpr std::size_t kBytesOfCalls =
    4'000'000;  // troubled calls first; the rest is left out

std::string pageData(const JudgedRun& run, const CallEvents& events);

}  // namespace turnout
