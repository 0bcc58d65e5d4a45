// A run as metrics, for node_exporter's textfile collector: seconds, ratios 0..1, counters _total,
// histograms that can be added up over runs. Names and labels: docs/REPORTS.md.
#pragma once

#include "orchestrator/results/judge/judged_run.h"

#include <string>

namespace turnout {

// Of a run that goes on there is no verdict yet (all are 0), nothing is judged, and who has not
// started may still.
enum class RunStage { kGoingOn, kOver };
std::string prometheusMetrics(const JudgedRun& run, RunStage stage = RunStage::kOver);

}  // namespace turnout
