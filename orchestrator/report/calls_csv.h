// calls.csv: one row per planned call (RFC 4180, a header line, UTF-8). Columns: docs/REPORTS.md.
// An empty cell is "did not happen" or "not measured", never zero.
#pragma once

#include "orchestrator/results/judge/judged_run.h"

#include <string>

namespace turnout {

std::string callsCsv(const JudgedRun& run);

}  // namespace turnout
