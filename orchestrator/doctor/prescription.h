// From what was examined to the one most likely reason, what to do about it, and how the doctor says
// that: a line for each thing examined, then the reason. Pure.
#pragma once

#include "orchestrator/results/fold/outcome.h"
#include "pipelines/probe/probe_report.h"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace turnout {

struct ExaminedCall {
  std::string name;  // "a call, any path", "a call, relay only", "a call, relay to an end without"
  bool relay_only = false;
  bool is_to_plain_end = false;  // the other end has no TURN server
  CallOutcome outcome;
};

struct Examination {  // of one server at least: of none nothing can be called healthy
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

std::string doctorText(const Examination& seen, const Prescription& prescription);
std::string doctorJson(const Examination& seen, const Prescription& prescription);

}  // namespace turnout
