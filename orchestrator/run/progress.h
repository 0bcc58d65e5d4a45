// How far a run is, as a person watching wants to know it: counts per arm, so far. A view of the
// fold, so that it cannot disagree with the report.
//
// Threads: the loop's.
#pragma once

#include "bots/timeline/event.h"
#include "orchestrator/results/fold/fold.h"
#include "scenarios/scenario.h"

#include <optional>
#include <string>
#include <vector>

namespace turnout {

struct ProgressCounts {
  std::string name;  // of the arm; of the scenario for the total
  int planned = 0;
  int started = 0;
  int connected = 0;  // in time, at every link end that reports, and all of its media so far
  int failed = 0;
  int aborted = 0;                      // lost by us
  std::vector<double> connect_ms = {};  // of the connected, in no order
};

class Progress {
 public:
  Progress(const Scenario& scenario, const Fold& fold);  // both outlive it

  enum class Phase { kStarting, kRunning, kFinished };
  Phase phase() const;
  std::vector<ProgressCounts> arms() const;
  std::string lastFailure() const;     // "" while there is none
  Duration elapsed(Instant at) const;  // since the epoch; negative shortly before it
  Duration left(Instant at) const;     // estimated; zero when the plan's time is over

  const std::string& name() const { return scenario_.name; }
  static ProgressCounts totalOf(const std::vector<ProgressCounts>& arms);

 private:
  const Scenario& scenario_;
  const Fold& fold_;
};

// For a terminal: a bar for each arm, each line at most `columns` wide.
std::vector<std::string> progressBlock(const Progress& progress, Instant at, std::size_t columns);

// For a log: all of it in one line.
std::string progressLine(const Progress& progress, Instant at);

// What deserves a line of its own when it happens: the death of a child, a run that grows.
std::optional<std::string> noteOf(const Event& event);

}  // namespace turnout
