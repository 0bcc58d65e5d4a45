#include "pipelines/ice/ice_server.h"

namespace turnout {

const char* toString(TurnTransport transport) {
  switch (transport) {
    case TurnTransport::kUdp:
      return "udp";
    case TurnTransport::kTcp:
      return "tcp";
    case TurnTransport::kTls:
      return "tls";
  }
  return "";
}

}  // namespace turnout
