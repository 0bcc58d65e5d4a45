#include "bots/link.h"
#include "pipelines/base/random.h"

#include <utility>

namespace turnout {
namespace {

class PeerLink final : public Link {
 public:
  PeerLink(Setup setup, Listener listener)
      : setup_(std::move(setup)), listener_(std::move(listener)), attempt_(linkPlan()) {}

  void start() override;
  void onDescription(Instant at, const std::string& type, const std::string& sdp) override {
    attempt_.onDescription(at, type, sdp);
    drain();
  }
  void onCandidate(Instant at, unsigned mline, const std::string& candidate) override {
    attempt_.onCandidate(at, mline, candidate);
    drain();
  }
  void onSignalingLost(Instant at, const std::string& what) override {
    attempt_.onSignalingLost(at, what);
    drain();
  }
  void close() override;
  Instant lastHeard() const override { return peer_ ? peer_->totals().last_received : now(); }

 private:
  LinkPlan linkPlan() const;
  PeerConfig peerConfig() const;
  void drain();
  void perform(LinkAction action);
  void setRemote(const SetRemote& remote);
  void addRemote(const AddRemoteCandidate& candidate);
  void reportMedia(Instant at);

  const Setup setup_;
  const Listener listener_;
  LinkAttempt attempt_;
  std::unique_ptr<PeerConnection> peer_;
  Timer deadline_;
  bool draining_ = false;
};

LinkPlan PeerLink::linkPlan() const {
  const HostSetup& host = setup_.world.setup;
  LinkPlan plan{.begin = setup_.open.begin,
                .connect = setup_.open.connect,
                .first_media = host.deadlines.first_media,
                .relay_only = setup_.order.relay_only,
                .media = {},
                .lost_at = setup_.lost_at};
  if (host.media.audio)
    plan.media.insert(MediaKind::kAudio);
  if (host.media.video)
    plan.media.insert(MediaKind::kVideo);
  return plan;
}

PeerConfig PeerLink::peerConfig() const {
  const OpenLink& open = setup_.open;
  PeerConfig config;
  config.name = "c" + std::to_string(setup_.order.call) + "b" + std::to_string(setup_.bot) + "p" +
                std::to_string(open.index);
  config.ice.profile = setup_.world.profile;
  config.ice.relay_only = setup_.order.relay_only;
  config.ice.servers = setup_.order.servers;
  config.ice.local_addresses = setup_.world.setup.local_addresses;
  // Even, so that base + 1 (video) never meets another link's base.
  const auto stream = static_cast<std::uint64_t>((open.round * 64 + setup_.bot) * 64 + open.index);
  config.ssrc_base = static_cast<std::uint32_t>(Random(setup_.order.seed, stream).next()) & ~1u;
  return config;
}

void PeerLink::start() {
  const Instant at = now();
  auto peer = setup_.world.peers->makePeer(peerConfig(), [this](const PeerEvent& event) {
    attempt_.onPeer(event);
    drain();
  });
  attempt_.start(
      at, setup_.open.peer.we_offer ? LinkAttempt::Role::kOfferer : LinkAttempt::Role::kAnswerer);
  if (peer)
    peer_ = std::move(*peer);
  else
    attempt_.onRefused(at, peer.error().what);
  drain();
}

void PeerLink::drain() {
  if (std::exchange(draining_, true))
    return;
  for (auto actions = attempt_.takeActions(); !actions.empty(); actions = attempt_.takeActions()) {
    for (LinkAction& action : actions)
      perform(std::move(action));
  }
  draining_ = false;
}

void PeerLink::perform(LinkAction action) {
  SignalingClient* signaling = setup_.signaling();
  const std::string& to = setup_.open.peer.id;
  std::visit(Overloaded{
                 [&](const MakeOffer&) {
                   if (peer_)
                     peer_->createOffer();
                 },
                 [&](const SetRemote& remote) { setRemote(remote); },
                 [&](const AddRemoteCandidate& candidate) { addRemote(candidate); },
                 [&](const ShipDescription& description) {
                   if (signaling)
                     signaling->sendDescription(to, toString(description.type), description.sdp);
                 },
                 [&](const ShipCandidate& candidate) {
                   if (signaling)
                     signaling->sendCandidate(to, candidate.mline, candidate.candidate);
                 },
                 [&](const Deadline& deadline) {
                   deadline_ = setup_.world.loop.at(deadline.due, [this] {
                     attempt_.onDeadline(now());
                     drain();
                   });
                 },
                 [&](const ClearDeadline&) { deadline_.cancel(); },
                 [&](Record& note) { listener_.record(note.at, std::move(note.body)); },
                 [&](const Connected&) { listener_.connected(); },
                 [&](const Settled& settled) { listener_.settled(settled); },
             },
             action);
}

void PeerLink::setRemote(const SetRemote& remote) {
  if (!peer_)
    return;
  const auto set = peer_->setRemoteDescription(remote.type, remote.sdp);
  if (!set)
    attempt_.onRefused(now(), set.error().what);
}

void PeerLink::addRemote(const AddRemoteCandidate& candidate) {
  if (!peer_)
    return;
  if (candidate.candidate.empty())
    peer_->endOfRemoteCandidates();
  else
    peer_->addRemoteCandidate(candidate.mline, candidate.candidate);
}

void PeerLink::close() {
  const Instant at = now();
  attempt_.end(at);
  drain();
  if (!peer_)
    return;
  reportMedia(at);
  peer_->close(Leave::kClean);
}

void PeerLink::reportMedia(Instant at) {
  const MediaTotals totals = peer_->totals();
  const auto report = [&](MediaKind kind, const RtpTotals& sent, const RtpTotals& received) {
    const auto n = [](std::uint64_t count) { return static_cast<std::int64_t>(count); };
    listener_.record(at, MediaReport{kind, n(sent.packets), n(sent.bytes), n(received.packets),
                                     n(received.bytes), n(received.lost), totals.longest_gap_ms});
  };
  const MediaProfile& media = setup_.world.setup.media;
  if (media.audio)
    report(MediaKind::kAudio, totals.sent_audio, totals.received_audio);
  if (media.video)
    report(MediaKind::kVideo, totals.sent_video, totals.received_video);
}

}  // namespace

std::unique_ptr<Link> Link::make(Setup setup, Listener listener) {
  return std::make_unique<PeerLink>(std::move(setup), std::move(listener));
}

}  // namespace turnout
