#include "orchestrator/results/fold/turn_cost.h"

#include <set>

namespace turnout {

void TurnCost::add(const CallOutcome& call) {
  connected += call.connect_time ? 1 : 0;
  on_relay += call.relay_protocols.empty() ? 0 : 1;
  relayed_bytes += call.relayed_bytes;
  for (const std::string& transport :
       std::set(call.relay_protocols.begin(), call.relay_protocols.end()))
    on_relay_by_transport[transport]++;
}

std::optional<double> TurnCost::relayShare() const {
  if (connected == 0)
    return std::nullopt;
  return static_cast<double>(on_relay) / connected;
}

std::optional<double> TurnCost::bytesPerCall() const {
  if (on_relay == 0)
    return std::nullopt;
  return static_cast<double>(relayed_bytes) / on_relay;
}

}  // namespace turnout
