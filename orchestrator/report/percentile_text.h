// Percentiles as a person reads them.
#pragma once

#include "orchestrator/results/fold/figures.h"
#include "orchestrator/results/fold/waiting_times.h"
#include "orchestrator/statistics/quantiles.h"

#include <string>

namespace turnout {

// "310 ms"; "> 15 s" when it was not reached: beyond what was watched nothing is known but that it
// is beyond; "-" without data.
inline std::string percentileText(const WaitingTimes& times, double p) {
  if (times.curve.size() == 0)
    return "-";
  if (const auto value = times.curve.percentile(p))
    return millisecondsText(*value);
  return "> " + millisecondsText(times.curve.watchedFor());
}

inline std::string percentileText(const Sample& sample, double p) {
  const auto value = sample.percentile(p);
  return value ? millisecondsText(*value) : "-";
}

}  // namespace turnout
