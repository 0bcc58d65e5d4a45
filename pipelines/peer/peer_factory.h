// Makes peer connections over webrtcbin, and holds what all those of a host share: ICE threads, the
// encoded clip, the pacers, the certificate. Owner's loop.
#pragma once

#include "pipelines/base/loop.h"
#include "pipelines/base/result.h"
#include "pipelines/ice/hooks/request_budget.h"
#include "pipelines/media/media_profile.h"
#include "pipelines/peer/peer_connection.h"

#include <memory>
#include <vector>

namespace turnout {

struct PeerFactoryOptions {
  MediaProfile media;          // with neither kind: connections of a data channel only
  unsigned pacer_threads = 1;  // one is good for about 100 peers of 82 packets a second
  unsigned media_threads = 1;  // the same for received packets
  bool warm_up = true;
  int server_requests_per_s = 0;  // to each STUN and TURN server (request_budget.h); 0: no limit
};

// It must outlive the peer connections that it made.
class PeerFactory {
 public:
  // Encodes the clip and warms up (plug-ins, DTLS key, one loop-back pair), so that the first real
  // call pays for none of it, and raises the limit of open files to what is allowed. Blocks for up
  // to a few seconds.
  static Result<std::unique_ptr<PeerFactory>> create(Loop& loop, const PeerFactoryOptions& options);
  static Result<std::unique_ptr<PeerFactory>> create(Loop& loop, const MediaProfile& media) {
    return create(loop, PeerFactoryOptions{.media = media});
  }
  virtual ~PeerFactory() = default;

  virtual Result<std::unique_ptr<PeerConnection>> makePeer(const PeerConfig& config,
                                                           PeerConnection::OnEvent on_event) = 0;
  struct Health {
    double pacer_late_max_ms = 0;  // worst lateness of a packet since the last call
    double pacer_late_p99_ms = 0;
    std::vector<Stall> stalls;  // of ICE threads and pacers
    std::vector<RequestBudget::Second> requests;
  };
  virtual Health takeHealth() = 0;
  // Servers are asked or allocations released for peers that are closed.
  virtual bool isSettling() const = 0;
};

// One connection between two peers of the same factory over 127.0.0.1: loads the plug-ins, makes
// GStreamer's DTLS key and starts the crypto libraries, which together cost the first connection of
// a process up to 250 ms. Also proves that this host can connect at all. Runs the loop meanwhile.
Result<Done> warmUp(Loop& loop, PeerFactory& factory);

}  // namespace turnout
