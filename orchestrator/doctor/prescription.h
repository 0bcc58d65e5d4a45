// From what was examined to the one most likely reason, and what to do about it. Pure.
#pragma once

#include "orchestrator/results/fold/outcome.h"
#include "pipelines/probe/probe_report.h"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace turnout {

struct ExaminedCall {
  std::string name;  // "a call, any path", "a call, relay only"
  bool relay_only = false;
  CallOutcome outcome;
};

struct Examination {
  ProbeReport probe;
  std::vector<ExaminedCall> calls;
};

struct Prescription {
  std::optional<Diagnosis> diagnosis;  // absent: all is well
  std::string where;                   // "a call, relay only"; a server's URL
  std::string remedy;
};

// In this order: what keeps calls from talking to each other at all; TURN, when the relay-only call
// failed; the other call; a server that must work and does not, though calls connect.
Prescription prescribe(const Examination& seen, std::chrono::seconds now);

}  // namespace turnout
