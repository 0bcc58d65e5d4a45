#include "pipelines/peer/warm_up.h"

#include <array>
#include <memory>
#include <variant>

namespace turnout {
namespace {

constexpr std::chrono::seconds kLimit{10};

PeerConfig localPeer(unsigned number) {
  PeerConfig config;
  config.name = "warm-up-" + std::to_string(number);
  config.ice.profile.name = "warm-up";
  config.ice.local_addresses = {"127.0.0.1"};
  config.ssrc_base = 0xfffffff0u + 2 * number;
  return config;
}

class Pair {
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
  Pair pair;
  if (auto started = pair.start(factory); !started)
    return started.error();
  loop.runUntil([&pair] { return pair.isOver(); }, kLimit);
  if (pair.isOver() && pair.failure().empty())
    return Done{};
  return Error{ErrorCode::kEnvironment,
               "two peers of this process do not connect over 127.0.0.1: " +
                   (pair.failure().empty() ? "no connection in 10 s" : pair.failure())};
}

}  // namespace turnout
