// How the run's own signaling server is set up: the times of its session care, and the mistakes it
// is to make on purpose. A server given with --signaling has its own.
#pragma once

#include "pipelines/base/clock.h"

#include <string>
#include <vector>

namespace turnout {

struct SessionRules {
  milliseconds grace{5000};           // in which who lost the connection can come back
  milliseconds ring_timeout{30'000};  // a call nobody answers
  milliseconds match_timeout{60'000};
  std::vector<std::string> bugs;  // docs/PROTOCOL.md, "Mistakes on purpose"
};

}  // namespace turnout
