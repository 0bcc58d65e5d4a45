// What goes wrong with the servers of a run on purpose, at a time. Faults of a bot are steps
// (step.h); these hit every call of the run that uses the server. Only servers that the run started
// itself can be hit.
#pragma once

#include "pipelines/base/clock.h"

#include <optional>
#include <string>

namespace turnout {

enum class ServiceFaultKind {
  kTurnKill,       // the TURN server dies (SIGKILL): nobody is told, its allocations are gone
  kServerRestart,  // the signaling server dies, and another one starts at the same address
  kTurnCredentialsExpire,  // what bots get as credentials from now on has expired already
};

const char* toString(ServiceFaultKind kind);  // turn_kill, ...: in files and in the log

inline constexpr const char* kSignalingService = "signaling";

struct ServiceFault {
  ServiceFaultKind kind = ServiceFaultKind::kTurnKill;
  // "coturn-2" for {coturn-2}, or kSignalingService. Empty: turn_credentials_expire, of all.
  std::string service;
  milliseconds at{0};                   // from the start of the first call
  std::optional<milliseconds> lasting;  // until it is there again; absent: for good
};

}  // namespace turnout
