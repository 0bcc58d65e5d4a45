// What one arm of one run brings to a comparison: its finished calls, and nothing that turnout
// lost.
#pragma once

#include "orchestrator/results/fold/stored_run.h"
#include "orchestrator/statistics/proportions.h"
#include "orchestrator/statistics/survival.h"

#include <map>
#include <string>
#include <vector>

namespace turnout {

struct ArmCall {
  bool succeeded = false;
  Observation connect;  // a call that never connected is censored at the connect deadline
};

struct ArmSample {
  std::string run;  // as the user named it
  std::string arm;
  std::map<int, ArmCall> calls;     // finished ones, by block of the plan
  int left_out = 0;                 // aborted, or never started: in no number
  const StoredRun* from = nullptr;  // arms of one run share their blocks

  Proportion success() const;
  std::vector<Observation> connectTimes() const;
};

// `run` must outlive the sample. `arm`: index into its scenario's turn configurations.
ArmSample armSample(const StoredRun& run, std::size_t arm, const std::string& name);

}  // namespace turnout
