// A TURN server that a run started for itself, as its bots are told of it.
#pragma once

#include "orchestrator/services/coturn_config.h"
#include "scenarios/placeholder.h"

#include <cstdint>
#include <map>
#include <string>
#include <variant>

namespace turnout {

struct TurnService {  // a TURN server that this run started
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;      // UDP and TCP
  std::uint16_t tls_port = 0;  // turns:
  std::string ca_file{};       // what its certificate is to be verified against
  std::variant<CoturnUser, CoturnRestSecret> access{};
};
using TurnServices = std::map<Placeholder, TurnService>;

}  // namespace turnout
