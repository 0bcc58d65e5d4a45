// One connection between two peers of the same factory over 127.0.0.1: loads the plug-ins, makes
// GStreamer's DTLS key and starts the crypto libraries, which together cost the first connection of
// a process up to 250 ms. Also proves that this host can connect at all.
#pragma once

#include "pipelines/base/loop.h"
#include "pipelines/base/result.h"
#include "pipelines/peer/peer_connection.h"

namespace turnout {

Result<Done> warmUp(Loop& loop, PeerFactory& factory);  // runs the loop meanwhile

}  // namespace turnout
