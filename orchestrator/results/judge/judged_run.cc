#include "orchestrator/results/judge/judged_run.h"

#include <algorithm>

namespace turnout {

JudgedRun judged(StoredRun run) {
  Summary summary = summarise(run.scenario, run.outcomes);
  Verdict verdict = judge(run.scenario, summary);
  return {std::move(run.scenario), std::move(run.outcomes), std::move(summary), std::move(verdict)};
}

Result<JudgedRun> judgeStoredRun(const std::string& directory) {
  auto run = readStoredRun(directory);
  if (!run)
    return run.error();
  return judged(*std::move(run));
}

const Cell& cellOf(const Summary& summary, const std::string& turn) {
  const auto cell = std::find_if(summary.cells.begin(), summary.cells.end(),
                                 [&](const Cell& c) { return c.turn == turn; });
  return cell == summary.cells.end() ? summary.total : *cell;
}

}  // namespace turnout
