// A run as metrics, for node_exporter's textfile collector: seconds, ratios 0..1, counters _total,
// histograms that can be added up over runs. Names and labels: docs/REPORTS.md.
#pragma once

#include "orchestrator/results/judged_run.h"

#include <string>

namespace turnout {

std::string prometheusMetrics(const JudgedRun& run);

}  // namespace turnout
