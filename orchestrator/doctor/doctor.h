// What the doctor does: short calls with the user's servers, from what was examined to the one most
// likely reason and what to do about it, and how that is said: a line for each thing examined, then
// the reason.
#pragma once

#include "orchestrator/results/fold/outcome.h"
#include "pipelines/base/result.h"
#include "pipelines/ice/ice_server.h"
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

// Pure. In this order: what keeps calls from talking to each other at all; TURN, when the relay-only call
// failed; the other call; a server that must work and does not, though calls connect.
Prescription prescribe(const Examination& seen, std::chrono::seconds now);

std::string doctorText(const Examination& seen, const Prescription& prescription);
std::string doctorJson(const Examination& seen, const Prescription& prescription);

// The doctor's calls with the user's servers: one that may take any path, one by relay only, and one
// from a relay to an end that has none. In memory: nothing is left on disk.
//
// Threads: the loop's. Blocks the caller, who runs no other loop, until the calls are over.
struct ShortCallsSetup {
  std::vector<IceServer> servers;
  std::string signaling_url;  // empty: our own server
  std::string turnout_program, host_program;
};

// Takes at most some seven seconds. Error: turnout itself cannot make calls here.
Result<std::vector<ExaminedCall>> makeShortCalls(const ShortCallsSetup& setup);

}  // namespace turnout
