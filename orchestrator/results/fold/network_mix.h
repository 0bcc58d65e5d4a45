// What a grid of cells means for a population: who is at which kind of site with which probability. Two people
// of it call each other; how often do they connect? Pure.
#pragma once

#include "orchestrator/results/fold/network_grid.h"
#include "orchestrator/statistics/interval.h"

#include <cstddef>
#include <optional>
#include <vector>

namespace turnout {

struct MixedRate {
  double rate = 0;       // expected success rate, of the cells as they were measured
  Interval interval;     // 95 %
  double predicted = 0;  // the same of the cells as they are predicted
};

// By arm; absent: of a cell that the mix needs no call finished. Empty: the scenario has no mix.
std::vector<std::optional<MixedRate>> mixedRates(const NetworkGrid& grid);

// How probable it is that a call of two people of the mix is one of this pair of sites.
double shareOf(const Networks& networks, const SitePair& pair);

}  // namespace turnout
