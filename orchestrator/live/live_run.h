// A run that goes on, as its page and Prometheus see it. Numbers are made when somebody asks, at
// most once a second, and less often where that would take more than a twentieth of the time.
//
// Threads: the loop's.
#pragma once

#include "orchestrator/results/fold/fold.h"
#include "orchestrator/run/progress.h"
#include "pipelines/base/clock.h"
#include "pipelines/base/json.h"
#include "scenarios/scenario.h"

#include <optional>
#include <string>
#include <vector>

namespace turnout {

class LiveRun {
 public:
  static constexpr std::size_t kToldFailures = 100;  // the latest

  // All outlive it.
  LiveRun(const Scenario& scenario, const Fold& fold, const Progress& progress)
      : scenario_(scenario), fold_(fold), progress_(progress) {}

  const std::string& pageJson();  // docs/REPORTS.md
  const std::string& metrics();   // text format of Prometheus

  // The run is over: from now on the last word, with the verdict.
  void finish();

 private:
  struct Made {
    std::string text;
    Instant good_until;
  };
  template <class Make>
  const std::string& fresh(std::optional<Made>& made, Make make);
  std::string makePageJson() const;
  struct Failed {  // a call, why, and what to do about it
    const CallOutcome* call = nullptr;
    std::string cause, detail, remedy;
  };
  std::vector<Failed> failedCalls(const Outcomes& outcomes) const;  // the newest first
  void writeFailures(JsonWriter& json, const std::vector<Failed>& failed) const;
  void writeCauses(JsonWriter& json, const std::vector<Failed>& failed) const;
  std::string makeMetrics() const;

  const Scenario& scenario_;
  const Fold& fold_;
  const Progress& progress_;
  std::optional<Made> page_, metrics_;
  enum class Stage { kGoingOn, kOver } stage_ = Stage::kGoingOn;
};

}  // namespace turnout
