// The doctor's calls with the user's servers: one that may take any path, one by relay only, and one
// from a relay to an end that has none. In memory: nothing is left on disk.
//
// Threads: the loop's. Blocks the caller, who runs no other loop, until the calls are over.
#pragma once

#include "orchestrator/doctor/prescription.h"
#include "pipelines/base/result.h"
#include "pipelines/ice/ice_server.h"

#include <string>
#include <vector>

namespace turnout {

struct ShortCallsSetup {
  std::vector<IceServer> servers;
  std::string signaling_url;  // empty: our own server
  std::string turnout_program, host_program;
};

// Takes at most some seven seconds. Error: turnout itself cannot make calls here.
Result<std::vector<ExaminedCall>> makeShortCalls(const ShortCallsSetup& setup);

}  // namespace turnout
