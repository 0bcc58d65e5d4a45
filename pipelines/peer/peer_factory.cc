#include "pipelines/ice/hooks/allocate_hook.h"
#include "pipelines/media/lateness.h"
#include "pipelines/peer/certificate.h"
#include "pipelines/peer/peer_connection.h"
#include "pipelines/peer/warm_up.h"
#include "pipelines/peer/webrtc_peer.h"

#include <algorithm>

#include <sys/resource.h>

namespace turnout {
namespace {

// A peer takes up to 6 files; the usual soft limit of 1024 stops at 170 of them.
void raiseFileLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
    return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);  // the lower limit still holds when this is refused
}

class WebrtcPeerFactory final : public PeerFactory {
 public:
  WebrtcPeerFactory(Loop& loop, const PeerFactoryOptions& options, Clip clip,
                    Certificate certificate)
      : shared_{
            loop, IceThreads(options.media_threads), std::move(clip), std::move(certificate), {}} {
    for (unsigned i = 0; i < options.pacer_threads; i++)
      shared_.pacers.push_back(std::make_unique<Pacer>("pacer" + std::to_string(i)));
  }

  Result<std::unique_ptr<PeerConnection>> makePeer(const PeerConfig& config,
                                                   PeerConnection::OnEvent on_event) override {
    return makeWebrtcPeer(shared_, config, std::move(on_event));
  }

  Health takeHealth() override {
    Lateness all;
    for (const auto& pacer : shared_.pacers)
      all.add(pacer->takeLateness());
    return {all.max_ms(), all.percentile_ms(0.99)};
  }

 private:
  SharedByPeers shared_;
};

}  // namespace

Result<std::unique_ptr<PeerFactory>> PeerFactory::create(Loop& loop,
                                                         const PeerFactoryOptions& options) {
  raiseFileLimit();
  if (auto started = startGst(); !started)
    return started.error();
  if (auto have = requireElements(peerElements()); !have)
    return have.error();
  if (auto observed = checkAllocateHook(); !observed)
    return observed.error();
  auto clip = encodeClip(options.media);
  if (!clip)
    return clip.error();
  auto certificate = makeCertificate();
  if (!certificate)
    return certificate.error();
  std::unique_ptr<PeerFactory> factory =
      std::make_unique<WebrtcPeerFactory>(loop, options, *std::move(clip), *std::move(certificate));
  if (options.warm_up)
    if (auto warm = warmUp(loop, *factory); !warm)
      return warm.error();
  factory->takeHealth();
  return factory;
}

}  // namespace turnout
