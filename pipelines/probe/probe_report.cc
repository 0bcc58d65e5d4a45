#include "pipelines/probe/probe_report.h"

#include <algorithm>

namespace turnout {

const char* toString(ProbeStage stage) {
  switch (stage) {
    case ProbeStage::kName:
      return "name";
    case ProbeStage::kConnect:
      return "connect";
    case ProbeStage::kTls:
      return "tls";
    case ProbeStage::kStun:
      return "stun";
    case ProbeStage::kAllocate:
      return "allocate";
    case ProbeStage::kPermission:
      return "permission";
    case ProbeStage::kEcho:
      return "echo";
  }
  return "";
}

const char* toString(NatRule rule) {
  switch (rule) {
    case NatRule::kEndpointIndependent:
      return "endpoint-independent";
    case NatRule::kAddressDependent:
      return "address-dependent";
    case NatRule::kAddressAndPortDependent:
      return "address-and-port-dependent";
  }
  return "";
}

bool ProbeReport::passes() const {
  return std::all_of(servers.begin(), servers.end(), [](const ServerReport& server) {
    return server.works() || server.expectation == Expectation::kTried;
  });
}

}  // namespace turnout
