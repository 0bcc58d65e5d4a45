// A PeerConnection over webrtcbin and our ICE agent, as the PeerFactory makes it.
#pragma once

#include "pipelines/base/mailbox.h"
#include "pipelines/ice/agent/ice_agent.h"
#include "pipelines/media/clip.h"
#include "pipelines/media/pacer.h"
#include "pipelines/peer/certificate.h"
#include "pipelines/peer/peer_connection.h"

#include <cstddef>
#include <memory>
#include <vector>

namespace turnout {

// Of a peer that is closed already.
struct LateOutcome {
  PeerConfig::OnLateOutcome tell;
  Instant at;
  IceServerOutcome outcome;
};

// What a factory lends to its peers; it outlives them.
struct SharedByPeers {
  Loop& loop;
  IceThreads ice;
  Clip clip;
  Certificate certificate;  // one for all: as many bots in one process have (DTLS is not judged)
  std::vector<std::unique_ptr<Pacer>> pacers;
  std::size_t next_pacer = 0;
  Mailbox<LateOutcome> late_outcomes{
      loop, [](const LateOutcome& late) { late.tell(late.at, late.outcome); }};

  Pacer& nextPacer() { return *pacers[next_pacer++ % pacers.size()]; }
};

// An error of kind kEnvironment: webrtcbin cannot be made or does not start.
Result<std::unique_ptr<PeerConnection>> makeWebrtcPeer(SharedByPeers& shared,
                                                       const PeerConfig& config,
                                                       PeerConnection::OnEvent on_event);

}  // namespace turnout
