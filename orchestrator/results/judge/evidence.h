// What a judgement of a threshold rests on: how many calls, how far the true value may lie from
// what was observed, and how many calls would settle it. Methods: docs/STATISTICS.md.
#pragma once

#include "orchestrator/results/fold/summary.h"
#include "orchestrator/statistics/normal.h"
#include "scenarios/threshold.h"

#include <cstddef>
#include <optional>

namespace turnout {

struct Evidence {
  // Calls, or steps where there are fewer: values of one call stand and fall together and count
  // once.
  std::size_t n = 0;
  // As the observed value: ms or a rate. An infinite end is not bounded; absent: nothing is
  // estimated, or there is no data.
  std::optional<Interval> interval;
  std::optional<int> calls_needed;  // until the interval leaves the limit out, if all go like these
};

// `deviations`: standard deviations of the interval to each side.
Evidence evidenceIn(const Cell& cell, const Threshold& threshold,
                    double deviations = zOfConfidence(0.95));

}  // namespace turnout
