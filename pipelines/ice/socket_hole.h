// Cuts one UDP socket off the network, both ways and reversibly, without rights: inbound by a
// socket filter that accepts nothing, outbound by UDP_CORK, whose pending datagram swallows what is
// sent. The kernel keeps up to 64 kB of it: enough for the STUN of minutes, so media must be held
// back by the caller. TCP sockets are left alone: dropping bytes of a stream would break its
// framing.
#pragma once

namespace turnout {

void setSocketHole(int fd, bool on);

}  // namespace turnout
