// How far a run is, as a person watching wants to know it: counts per arm, from the events. Pure.
// The numbers of the report are not these but the fold's (orchestrator/results).
#pragma once

#include "bots/timeline/event.h"
#include "scenarios/plan.h"
#include "scenarios/scenario.h"

#include <optional>
#include <string>
#include <vector>

namespace turnout {

struct ProgressCounts {
  std::string name;  // of the arm; of the scenario for the total
  int planned = 0;
  int started = 0;
  int connected = 0;  // at every link end that reports, and not failed since
  int failed = 0;
  int aborted = 0;                      // lost by us
  std::vector<double> connect_ms = {};  // of the connected, waiting included, in no order
};

class Progress {
 public:
  Progress(const Scenario& scenario, const Plan& plan);  // at its largest

  void add(const Event& event);

  enum class Phase { kStarting, kRunning, kFinished };
  Phase phase() const { return phase_; }
  const std::vector<ProgressCounts>& arms() const { return arms_; }
  ProgressCounts total() const;
  const std::string& lastFailure() const { return last_failure_; }  // "" while there is none
  Duration elapsed(Instant at) const;  // since the epoch; negative shortly before it
  Duration left(Instant at) const;     // estimated; zero when the plan's time is over

 private:
  enum class CallState { kPlanned, kStarted, kConnected, kFailed, kAborted };
  struct Call {
    std::size_t arm = 0;
    CallState state = CallState::kPlanned;
    int host = -1;
    Instant scheduled{};
    int link_ends_connected = 0;
    int bots_left = 0;
  };
  void planUpTo(std::size_t calls);
  void enter(Call& call, CallState state);
  void addToCall(Call& call, const Event& event);
  void fail(Call& call, int id, FailureCause cause);
  void loseCallsOf(int host);

  std::string name_, last_failure_;
  int bots_per_call_;
  int link_ends_;  // of a call, that report
  Duration length_of_call_;
  Duration planned_length_{};
  Phase phase_ = Phase::kStarting;
  std::optional<Instant> epoch_;
  std::vector<ProgressCounts> arms_;
  std::vector<Call> calls_;  // of the largest plan
  std::vector<Duration> starts_;
  std::size_t planned_ = 0;
};

// For a terminal: a bar for each arm, each line at most `columns` wide.
std::vector<std::string> progressBlock(const Progress& progress, Instant at, std::size_t columns);

// For a log: all of it in one line.
std::string progressLine(const Progress& progress, Instant at);

// What deserves a line of its own when it happens: the death of a child, a run that grows.
std::optional<std::string> noteOf(const Event& event);

}  // namespace turnout
