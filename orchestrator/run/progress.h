// How far a run is, as a person watching wants to know it: counts per arm, so far, and their display.
// A view of the fold, so that it cannot disagree with the report.
//
// Threads: the loop's.
#pragma once

#include "bots/timeline/event.h"
#include "orchestrator/results/fold/fold.h"
#include "pipelines/base/loop.h"
#include "scenarios/scenario.h"

#include <cstdio>
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

// Shows a Progress on stderr: on a terminal a block that is redrawn five times a second, elsewhere
// a line every few seconds and when the phase changes.
class ProgressDisplay {
 public:
  enum class Style { kSilent, kLines, kTerminal };
  static Style styleFor(std::FILE* out);  // kTerminal or kLines

  ProgressDisplay(Loop& loop, const Progress& progress, Style style, std::FILE* out);
  ~ProgressDisplay();  // takes a terminal's block away

  void onEvent(const Event& event);        // after the Progress got it
  void note(const std::string& sentence);  // a line of its own, above the block; never silent

 private:
  void draw();
  void erase();

  const Progress& progress_;
  const Style style_;
  std::FILE* out_;
  std::size_t drawn_lines_ = 0;
  Timer redraw_;
};

}  // namespace turnout
