// How much a judgement of a threshold rests on: how many values, and how far the true one may lie
// from what was observed. Methods: docs/STATISTICS.md.
#pragma once

#include "orchestrator/results/summary.h"
#include "scenarios/threshold.h"

#include <cstddef>
#include <optional>

namespace turnout {

struct Evidence {
  std::size_t n = 0;                   // calls, steps, bots or round trips
  std::optional<Interval> interval95;  // as the observed value: ms or a rate. An infinite end is
                                       // not bounded; absent: none is claimed
};

Evidence evidenceIn(const Cell& cell, const Threshold& threshold);

}  // namespace turnout
