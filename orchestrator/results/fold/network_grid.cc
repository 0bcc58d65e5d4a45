#include "orchestrator/results/fold/network_grid.h"

#include <algorithm>

namespace turnout {
namespace {

bool wentOverRelay(const CallOutcome& call) {
  return std::ranges::any_of(
      call.paths, [](const std::string& path) { return path.find("relay") != std::string::npos; });
}

// Collects a cell's times; the sample is made once, at the end.
struct CellTimes {
  std::vector<double> connect_ms;
};

void addCall(const CallOutcome& call, GridCell& cell, CellTimes& times) {
  switch (call.state) {
    case CallState::kSucceeded:
      cell.connected++;
      (wentOverRelay(call) ? cell.relayed : cell.direct)++;
      if (call.connect_time)
        times.connect_ms.push_back(toMs(*call.connect_time));
      return;
    case CallState::kFailed:
      cell.failed++;
      return;
    case CallState::kAborted:
      cell.aborted++;
      return;
    case CallState::kNotStarted:
    case CallState::kRunning:
      return;
  }
}

bool isOnPath(PathPrediction predicted, bool is_relayed) {
  return predicted == PathPrediction::kEither ||
         predicted == (is_relayed ? PathPrediction::kRelayed : PathPrediction::kDirect);
}

int cellsThat(const std::vector<GridCell>& cells, const auto& is_meant) {
  return static_cast<int>(std::ranges::count_if(cells, is_meant));
}

}  // namespace

std::optional<bool> GridCell::isAsPredicted() const {
  if (finished() == 0)
    return std::nullopt;
  if (predicted == PathPrediction::kNone)
    return connected == 0;
  return failed == 0 && (relayed == 0 || isOnPath(predicted, true)) &&
         (direct == 0 || isOnPath(predicted, false));
}

std::optional<bool> isAsPredicted(const CallOutcome& call, PathPrediction predicted) {
  if (call.state == CallState::kFailed)
    return predicted == PathPrediction::kNone;
  if (call.state != CallState::kSucceeded)
    return std::nullopt;
  return isOnPath(predicted, wentOverRelay(call));
}

int NetworkGrid::told() const {
  return cellsThat(cells, [](const GridCell& cell) { return cell.finished() > 0; });
}
int NetworkGrid::asPredicted() const {
  return cellsThat(cells, [](const GridCell& cell) { return cell.isAsPredicted() == true; });
}
int NetworkGrid::mixed() const {
  return cellsThat(cells, &GridCell::isMixed);
}

NetworkGrid emptyGrid(const Scenario& scenario) {
  NetworkGrid grid{.networks = scenario.networks.value_or(Networks{}),
                   .arms = scenario.turn.size(),
                   .cells = {}};
  for (std::size_t pair = 0; pair < grid.networks.pairs.size(); ++pair)
    for (std::size_t arm = 0; arm < grid.arms; ++arm) {
      const auto [one, other] = grid.networks.pairs[pair];
      grid.cells.push_back({.arm = arm,
                            .pair = pair,
                            .predicted = predictedPath(scenario.turn[arm], grid.networks.sites[one],
                                                       grid.networks.sites[other]),
                            .connect_ms = {}});
    }
  return grid;
}

NetworkGrid gridOf(const Scenario& scenario, const std::vector<CallOutcome>& calls) {
  NetworkGrid grid = emptyGrid(scenario);
  std::vector<CellTimes> times(grid.cells.size());
  for (const CallOutcome& call : calls) {
    const auto cell =
        static_cast<std::size_t>(call.pair) * grid.arms + static_cast<std::size_t>(call.arm);
    addCall(call, grid.cells.at(cell), times[cell]);
  }
  for (std::size_t cell = 0; cell < grid.cells.size(); ++cell)
    grid.cells[cell].connect_ms = Sample(std::move(times[cell].connect_ms));
  return grid;
}

}  // namespace turnout
