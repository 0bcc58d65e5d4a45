// The application's counters as GET /metrics of the server tells them. No text of a client is ever
// in it: labels come from closed enums.
#pragma once

#include "bots/signaling/app/app_stats.h"
#include "bots/signaling/app/planted_bug.h"
#include "pipelines/base/prometheus_text.h"

namespace turnout {

inline constexpr const char* kSignalingMetrics = "turnout_signaling_";  // prefix of every family

void writeMetrics(PrometheusText& out, const AppStats& stats, const AppCensus& census,
                  const PlantedBugs& bugs);

}  // namespace turnout
