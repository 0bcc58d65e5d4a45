// What TURN costs: how many calls need it, and how many bytes go through it. What is counted and
// what is not: docs/MEASURES.md.
#pragma once

#include "orchestrator/results/fold/outcome.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace turnout {

struct TurnCost {
  int connected = 0;                                 // calls
  int on_relay = 0;                                  // of these, with an end on its own relay
  std::map<std::string, int> on_relay_by_transport;  // a call may be in several
  std::int64_t relayed_bytes = 0;

  void add(const CallOutcome& call);
  std::optional<double> relayShare() const;    // of the connected
  std::optional<double> bytesPerCall() const;  // of those on relay
};

}  // namespace turnout
