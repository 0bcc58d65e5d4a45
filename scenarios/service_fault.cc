#include "scenarios/service_fault.h"

namespace turnout {

const char* toString(ServiceFaultKind kind) {
  switch (kind) {
    case ServiceFaultKind::kTurnKill:
      return "turn_kill";
    case ServiceFaultKind::kServerRestart:
      return "server_restart";
    case ServiceFaultKind::kTurnCredentialsExpire:
      return "turn_credentials_expire";
  }
  return "";
}

}  // namespace turnout
