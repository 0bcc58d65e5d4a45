// The layout this project does not use, to compare with: webrtcbin with its own ICE agent and its
// defaults, one appsrc per stream fed from the same clip by the same pacer, a fakesink per received
// stream. Only what any loop-back run must set is set: no UPnP, and 127.0.0.1 as the only address.
#pragma once

#include "pipelines/media/clip.h"
#include "pipelines/media/pacer.h"
#include "pipelines/peer/peer_factory.h"

namespace turnout::bench {

class StockFactory final : public PeerFactory {
 public:
  static Result<std::unique_ptr<PeerFactory>> create(Loop& loop, const MediaProfile& media);

  Result<std::unique_ptr<PeerConnection>> makePeer(const PeerConfig& config,
                                                   PeerConnection::OnEvent on_event) override;
  Health takeHealth() override;
  bool isSettling() const override { return false; }

 private:
  StockFactory(Loop& loop, Clip clip) : loop_(loop), clip_(std::move(clip)), pacer_("pacer") {}

  Loop& loop_;
  const Clip clip_;
  Pacer pacer_;
};

}  // namespace turnout::bench
