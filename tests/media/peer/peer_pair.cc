#include "tests/media/peer/peer_pair.h"

#include <gtest/gtest.h>

namespace turnout {

Loop& testLoop() {
  static Loop loop;
  return loop;
}

PeerFactory& testFactory() {
  static const std::unique_ptr<PeerFactory> factory = [] {
    auto made = PeerFactory::create(testLoop(), MediaProfile{});
    if (!made)
      ADD_FAILURE() << made.error().what;
    return *std::move(made);
  }();
  return *factory;
}

bool waitFor(const std::function<bool()>& done, Duration limit) {
  const Timer tick = testLoop().every(2ms, [] {});
  return testLoop().runUntil(done, limit);
}

PeerConfig loopbackConfig(const std::string& name) {
  static std::uint32_t next_ssrc = 1'000;
  PeerConfig config;
  config.name = name;
  config.ice.profile.name = "test";
  config.ice.local_addresses = {"127.0.0.1"};
  config.ssrc_base = next_ssrc += 2;
  return config;
}

TestPeer::TestPeer(PeerFactory& factory, const PeerConfig& config) : made_at(now()) {
  deliver = [this](const PeerEvent& event) {
    if (const auto* local = std::get_if<LocalDescription>(&event.body)) {
      const auto set = (*other)->setRemoteDescription(local->type, local->sdp);
      EXPECT_TRUE(set) << set.error().what;
    } else if (const auto* candidate = std::get_if<LocalCandidate>(&event.body)) {
      (*other)->addRemoteCandidate(candidate->mline, candidate->candidate);
    } else if (std::get_if<GatheringDone>(&event.body)) {
      (*other)->endOfRemoteCandidates();
    }
  };
  auto peer = factory.makePeer(config, [this](PeerEvent event) {
    events.push_back(event);
    if (other && other->peer_)
      deliver(event);
  });
  EXPECT_TRUE(peer) << peer.error().what;
  peer_ = *std::move(peer);
}

bool TestPeer::isConnected() const {
  return first<ConnectionStateChanged>(
             [](const auto& changed) { return changed.state == "connected"; }) != nullptr;
}

bool TestPeer::hasFirst(MediaKind kind) const {
  return first<FirstMedia>([kind](const auto& media) { return media.kind == kind; }) != nullptr;
}

std::string TestPeer::failure() const {
  const auto failures = all<PeerFailed>();
  return failures.empty() ? "" : failures.front().what;
}

PeerPair::PeerPair(PeerFactory& factory)
    : PeerPair(factory, loopbackConfig("offerer"), loopbackConfig("answerer")) {}

PeerPair::PeerPair(PeerFactory& factory, const PeerConfig& offers, const PeerConfig& answers)
    : offerer(factory, offers), answerer(factory, answers) {
  offerer.other = &answerer;
  answerer.other = &offerer;
}

bool PeerPair::hasMedia() const {
  for (const MediaKind kind : {MediaKind::kAudio, MediaKind::kVideo})
    if (!offerer.hasFirst(kind) || !answerer.hasFirst(kind))
      return false;
  return true;
}

bool PeerPair::connect(Duration limit) {
  offerer->createOffer();
  return testLoop().runUntil([this] { return isConnected(); }, limit);
}

bool PeerPair::waitForMedia(Duration limit) {
  return testLoop().runUntil([this] { return hasMedia(); }, limit);
}

std::string PeerPair::story() const {
  std::string story;
  for (const TestPeer* peer : {&offerer, &answerer}) {
    story += peer == &offerer ? "offerer:" : " answerer:";
    for (const PeerEvent& event : peer->events)
      std::visit(
          Overloaded{
              [&](const LocalDescription& e) { story += std::string(" ") + toString(e.type); },
              [&](const SignalingStateChanged& e) { story += " s:" + e.state; },
              [&](const ConnectionStateChanged& e) { story += " c:" + e.state; },
              [&](const DtlsStateChanged& e) { story += " d:" + e.state; },
              [&](const IceStateChanged& e) { story += " i:" + std::string(toString(e.state)); },
              [&](const PeerFailed& e) { story += " failed:" + e.what; }, [](const auto&) {}},
          event.body);
  }
  return story;
}

}  // namespace turnout
