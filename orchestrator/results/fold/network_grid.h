// The calls of a scenario with networks by cell: a TURN configuration between two sites. What became of them,
// beside what was to be expected (network_prediction.h). Pure.
#pragma once

#include "orchestrator/results/fold/network_prediction.h"
#include "orchestrator/results/fold/outcome.h"
#include "orchestrator/statistics/quantiles.h"
#include "scenarios/scenario.h"

#include <cstddef>
#include <optional>
#include <vector>

namespace turnout {

struct GridCell {
  std::size_t arm = 0;   // index into Scenario::turn
  std::size_t pair = 0;  // index into Networks::pairs
  PathPrediction predicted = PathPrediction::kNone;
  int connected = 0, failed = 0;  // in time, with all of its media; or not
  int aborted = 0;                // lost by turnout: they say nothing
  int direct = 0, relayed = 0;    // of the connected, by the candidates that were selected
  Sample connect_ms;              // of the connected

  int finished() const { return connected + failed; }
  bool isMixed() const { return connected > 0 && failed > 0; }
  // Absent: no call finished. Every one of them went as predicted, path included.
  std::optional<bool> isAsPredicted() const;
};

// Whether a call that finished went as predicted; absent: it did not finish.
std::optional<bool> isAsPredicted(const CallOutcome& call, PathPrediction predicted);

struct NetworkGrid {
  Networks networks;
  std::size_t arms = 0;
  std::vector<GridCell> cells;  // arm by arm within each pair

  const GridCell& at(std::size_t arm, std::size_t pair) const { return cells[pair * arms + arm]; }
  GridCell& at(std::size_t arm, std::size_t pair) { return cells[pair * arms + arm]; }
  int told() const;  // cells of which a call finished
  int asPredicted() const;
  int mixed() const;
};

// With every prediction, and no call yet.
NetworkGrid emptyGrid(const Scenario& scenario);
NetworkGrid gridOf(const Scenario& scenario, const std::vector<CallOutcome>& calls);

}  // namespace turnout
