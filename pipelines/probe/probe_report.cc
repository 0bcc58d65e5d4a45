#include "pipelines/probe/probe_report.h"

#include <algorithm>

namespace turnout {

std::string_view toString(ProbeNotice notice) {
  switch (notice) {
    case ProbeNotice::kRelayElsewhere:
      return "relay_elsewhere";
    case ProbeNotice::kRelayPrivate:
      return "relay_private";
    case ProbeNotice::kRelayOtherFamily:
      return "relay_other_family";
    case ProbeNotice::kOutsideNotTested:
      return "outside_not_tested";
    case ProbeNotice::kOutsideForbidden:
      break;
  }
  return "outside_forbidden";
}

bool ServerReport::wantsCredential() const {
  return fault && fault->error_code == 401 && fault->fault == ServerFault::kErrorResponse &&
         scheme == IceScheme::kTurn && username.empty();
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
  const auto isGood = [](const ServerReport& server) {
    return server.works() || server.wantsCredential() || server.expectation == Expectation::kTried;
  };
  return std::all_of(servers.begin(), servers.end(), isGood) &&
         std::none_of(crossings.begin(), crossings.end(),
                      [](const CrossReport& crossing) { return crossing.fault.has_value(); });
}

bool ProbeReport::isIncomplete() const {
  return std::any_of(servers.begin(), servers.end(), [](const ServerReport& server) {
    return server.wantsCredential() && server.expectation == Expectation::kMustWork;
  });
}

}  // namespace turnout
