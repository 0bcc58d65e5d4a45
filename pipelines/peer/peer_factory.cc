#include "pipelines/peer/peer_factory.h"

#include "pipelines/base/fd.h"
#include "pipelines/ice/hooks/interposition.h"
#include "pipelines/peer/webrtc_peer.h"
#include "pipelines/peer/webrtcbin.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <string>
#include <utility>
#include <variant>

namespace turnout {
namespace {

class WebrtcPeerFactory final : public PeerFactory {
 public:
  WebrtcPeerFactory(Loop& loop, const PeerFactoryOptions& options, Clip clip,
                    Certificate certificate)
      : shared_{
            loop, IceThreads(options.media_threads), std::move(clip), std::move(certificate), {}} {
    shared_.ice.budget()->limitTo(options.server_requests_per_s);
    for (unsigned i = 0; i < options.pacer_threads; i++)
      shared_.pacers.push_back(std::make_unique<Pacer>("pacer" + std::to_string(i)));
  }

  Result<std::unique_ptr<PeerConnection>> makePeer(const PeerConfig& config,
                                                   PeerConnection::OnEvent on_event) override {
    return makeWebrtcPeer(shared_, config, std::move(on_event));
  }

  Health takeHealth() override {
    Lateness all;
    std::vector<Stall> stalls = shared_.ice.takeStalls();
    for (const auto& pacer : shared_.pacers) {
      all.add(pacer->takeLateness());
      std::ranges::move(pacer->takeStalls(), std::back_inserter(stalls));
    }
    return {all.max_ms(), all.percentile_ms(0.99), std::move(stalls), shared_.ice.budget()->take()};
  }

  bool isSettling() const override { return IceAgent::liveCount() > 0; }

 private:
  SharedByPeers shared_;
};

constexpr std::chrono::seconds kWarmUpLimit{10};

PeerConfig localPeer(unsigned number) {
  PeerConfig config;
  config.name = "warm-up-" + std::to_string(number);
  config.ice.profile.name = "warm-up";
  config.ice.local_addresses = {"127.0.0.1"};
  config.ssrc_base = 0xfffffff0u + 2 * number;
  return config;
}

class WarmUpPair {
 public:
  Result<Done> start(PeerFactory& factory) {
    for (unsigned i = 0; i < 2; i++) {
      auto peer = factory.makePeer(localPeer(i), [this, i](PeerEvent event) { on(i, event); });
      if (!peer)
        return peer.error();
      peers_[i] = *std::move(peer);
    }
    peers_[0]->createOffer();
    return Done{};
  }
  bool isOver() const { return connected_ == 2 || !failure_.empty(); }
  const std::string& failure() const { return failure_; }

 private:
  void on(unsigned from, const PeerEvent& event) {
    PeerConnection& other = *peers_[1 - from];
    if (const auto* local = std::get_if<LocalDescription>(&event.body)) {
      if (const auto set = other.setRemoteDescription(local->type, local->sdp); !set)
        failure_ = set.error().what;
    } else if (const auto* candidate = std::get_if<LocalCandidate>(&event.body)) {
      other.addRemoteCandidate(candidate->mline, candidate->candidate);
    } else if (const auto* changed = std::get_if<ConnectionStateChanged>(&event.body)) {
      connected_ += changed->state == "connected" ? 1 : 0;
    } else if (const auto* failed = std::get_if<PeerFailed>(&event.body)) {
      failure_ = failed->what;
    }
  }

  std::array<std::unique_ptr<PeerConnection>, 2> peers_;
  int connected_ = 0;
  std::string failure_;
};

}  // namespace

Result<Done> warmUp(Loop& loop, PeerFactory& factory) {
  WarmUpPair pair;
  if (auto started = pair.start(factory); !started)
    return started.error();
  loop.runUntil([&pair] { return pair.isOver(); }, kWarmUpLimit);
  if (pair.isOver() && pair.failure().empty())
    return Done{};
  return Error{ErrorCode::kEnvironment,
               "two peers of this process do not connect over 127.0.0.1: " +
                   (pair.failure().empty() ? "no connection in 10 s" : pair.failure())};
}

Result<std::unique_ptr<PeerFactory>> PeerFactory::create(Loop& loop,
                                                         const PeerFactoryOptions& options) {
  raiseFileLimit();  // a peer takes up to 6; the usual soft limit of 1024 stops at 170 of them
  if (auto started = startGst(); !started)
    return started.error();
  if (auto have = requireElements(Webrtcbin::elements()); !have)
    return have.error();
  if (auto observed = checkInterposition(); !observed)
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
