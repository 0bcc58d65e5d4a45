// What peer_connection.cc offers to peer_factory.cc.
#pragma once

#include "pipelines/media/clip.h"
#include "pipelines/media/gst_runtime.h"
#include "pipelines/media/pacer.h"
#include "pipelines/peer/certificate.h"
#include "pipelines/peer/peer_connection.h"

#include <cstddef>
#include <memory>
#include <vector>

namespace turnout {

// What a factory lends to its peers; it outlives them.
struct SharedByPeers {
  Loop& loop;
  IceThreads ice;
  Clip clip;
  Certificate certificate;  // one for all: as many bots in one process have (DTLS is not judged)
  std::vector<std::unique_ptr<Pacer>> pacers;
  std::size_t next_pacer = 0;

  Pacer& nextPacer() { return *pacers[next_pacer++ % pacers.size()]; }
};

std::vector<RequiredElement> peerElements();

Result<std::unique_ptr<PeerConnection>> makeWebrtcPeer(SharedByPeers& shared,
                                                       const PeerConfig& config,
                                                       PeerConnection::OnEvent on_event);

}  // namespace turnout
