// Puts a PacketGate in front of libnice's UDP sockets, by interposing (allocate_hook.h tells how)
// the three functions of GIO it uses: g_socket_new, g_socket_send_message and
// g_socket_receive_message. Sockets without a gate are as ever. A packet that is taken counts as
// sent; a received one is read and forgotten.
// TCP sockets have no gate: dropping bytes of a stream would break its framing (turn_splice.h).
#pragma once

#include "pipelines/base/result.h"
#include "pipelines/ice/hooks/packet_gate.h"

#include <memory>

namespace turnout {

// UDP sockets that this thread makes in the life of the object get the gate, and keep it.
class GateForNewSockets {
 public:
  explicit GateForNewSockets(const std::shared_ptr<PacketGate>& gate);
  ~GateForNewSockets();
  GateForNewSockets(const GateForNewSockets&) = delete;
  GateForNewSockets& operator=(const GateForNewSockets&) = delete;
};

// Part of checkAllocateHook().
Result<Done> checkSocketHook();

}  // namespace turnout
