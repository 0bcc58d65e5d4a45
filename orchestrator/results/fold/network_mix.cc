#include "orchestrator/results/fold/network_mix.h"

#include "orchestrator/statistics/proportions.h"

#include <algorithm>

namespace turnout {

// Who calls whom is even, so a pair that is there one way only stands for both.
double shareOf(const Networks& networks, const SitePair& pair) {
  const double product = networks.mix[pair.one] * networks.mix[pair.other];
  const bool has_reverse = std::ranges::count(networks.pairs, SitePair{pair.other, pair.one}) > 0;
  return has_reverse ? product : 2 * product;
}

namespace {

std::optional<MixedRate> mixedRateOf(const NetworkGrid& grid, std::size_t arm) {
  MixedRate mixed;
  std::vector<Stratum> strata;
  for (std::size_t pair = 0; pair < grid.networks.pairs.size(); ++pair) {
    const GridCell& cell = grid.at(arm, pair);
    const double share = shareOf(grid.networks, grid.networks.pairs[pair]);
    if (share == 0)
      continue;
    if (cell.finished() == 0)
      return std::nullopt;
    strata.push_back({share, {cell.connected, cell.finished()}});
    mixed.rate += share * strata.back().seen.rate();
    mixed.predicted += cell.predicted == PathPrediction::kNone ? 0 : share;
  }
  mixed.interval = weightedWilson(strata, zOfConfidence(0.95));
  return mixed;
}

}  // namespace

std::vector<std::optional<MixedRate>> mixedRates(const NetworkGrid& grid) {
  std::vector<std::optional<MixedRate>> rates;
  if (!grid.networks.mix.empty())
    for (std::size_t arm = 0; arm < grid.arms; ++arm)
      rates.push_back(mixedRateOf(grid, arm));
  return rates;
}

}  // namespace turnout
