#include "bots/host/link.h"
#include "pipelines/base/random.h"

#include <algorithm>
#include <utility>

namespace turnout {
namespace {

// Longer pauses of media are outages; what is done about them is the policy's.
constexpr Duration kSilenceNoticed = 300ms;

class PeerLink final : public Link {
 public:
  PeerLink(Setup setup, Listener listener)
      : setup_(std::move(setup)),
        listener_(std::move(listener)),
        attempt_(linkPlan()),
        recovery_(setup_.world.setup.recovery, setup_.open.history),
        peer_id_(setup_.open.peer.id) {}

  void start() override;
  void onDescription(Instant at, const SignalDescription& description) override;
  void onCandidate(Instant at, const SignalCandidate& candidate) override {
    attempt_.onCandidate(at, candidate.mline, candidate.candidate);
    drain();
  }
  void onSignalingLost(Instant at, const std::string& what) override {
    attempt_.onSignalingLost(at, what);
    drain();
    recovery_.onSignaling(at, false);
    armRecovery();
  }
  void onSignalingBack(Instant at) override {
    recovery_.onSignaling(at, true);
    armRecovery();
  }
  void rebind(const std::string& peer_id) override { peer_id_ = peer_id; }
  void setNetwork(const NetworkCondition& condition) override {
    if (peer_)
      peer_->setNetwork(condition);
  }
  void changeAddress(Instant at, const std::string& literal) override;
  void setServers(const std::vector<IceServer>& servers) override {
    if (peer_)
      peer_->setIceServers(servers);
  }
  bool winsAgainstOffers() const override {
    return !setup_.open.is_polite && peer_ && peer_->isOffering();
  }
  bool isFresh() const override {
    return setup_.open.peer.we_offer && setup_.open.number > 1 && peer_ && peer_->isOffering() &&
           attempt_.phase() == LinkAttempt::Phase::kNegotiating;
  }
  Recovery::History history() const override { return recovery_.history(); }
  void close() override;
  Instant lastHeard() const override { return peer_ ? peer_->totals().last_received : now(); }

 private:
  LinkPlan linkPlan() const;
  PeerConfig peerConfig() const;
  bool isAttempt() const { return recovery_.history().lost_since.has_value(); }
  void onPeerEvent(const PeerEvent& event);
  void watchMedia(const PeerEvent& event);
  void onMedia(Instant at);
  void lose(Instant at, Recovery::Sign sign);
  void followRecovery(const Recovery::Order& order);
  void armRecovery();
  void drain();
  void perform(LinkAction action);
  void record(Instant at, EventBody body);
  void settle(const Settled& settled);
  void setRemote(const SetRemote& remote);
  void addRemote(const AddRemoteCandidate& candidate);
  void reportMedia(Instant at);

  const Setup setup_;
  const Listener listener_;
  LinkAttempt attempt_;
  Recovery recovery_;
  std::string peer_id_;
  std::unique_ptr<PeerConnection> peer_;
  Timer deadline_, recovery_due_;
  bool draining_ = false;
};

LinkPlan PeerLink::linkPlan() const {
  const HostSetup& host = setup_.world.setup;
  LinkPlan plan{.begin = setup_.open.begin,
                .connect = setup_.open.connect,
                .first_media = host.deadlines.first_media,
                .relay_only = setup_.order.relay_only,
                .media = {},
                .lost_at = setup_.lost_at,
                .rung = "rejoin"};
  if (setup_.open.history.lost_since) {
    plan.lost_at = setup_.open.history.lost_since;
    plan.rung = toString(Recovery::Rung::kRecreate);
  }
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
  config.ice.local_addresses = setup_.local_addresses;
  config.media_silence = kSilenceNoticed;
  // Even, so that base + 1 (video) never meets another link's base.
  const auto stream =
      (static_cast<std::uint64_t>(open.round) * 64 + static_cast<std::uint64_t>(setup_.bot)) * 64 +
      static_cast<std::uint64_t>(open.index);
  config.ssrc_base = static_cast<std::uint32_t>(Random(setup_.order.seed, stream).next()) & ~1u;
  return config;
}

void PeerLink::start() {
  const Instant at = now();
  auto peer = setup_.world.peers->makePeer(peerConfig(),
                                           [this](const PeerEvent& event) { onPeerEvent(event); });
  attempt_.start(
      at, setup_.open.peer.we_offer ? LinkAttempt::Role::kOfferer : LinkAttempt::Role::kAnswerer);
  if (peer)
    peer_ = std::move(*peer);
  else
    attempt_.onRefused(at, peer.error().what);
  if (setup_.open.history.lost_since)
    recovery_.onNewConnection(at);
  drain();
  armRecovery();
}

// Perfect negotiation (W3C webrtc-pc 10.7): when two offers meet, the impolite side's counts.
void PeerLink::onDescription(Instant at, const SignalDescription& description) {
  if (description.type == "offer" && winsAgainstOffers())
    return;
  attempt_.onDescription(at, description.type, description.sdp);
  drain();
}

void PeerLink::onPeerEvent(const PeerEvent& event) {
  attempt_.onPeer(event);
  drain();
  watchMedia(event);
}

void PeerLink::watchMedia(const PeerEvent& event) {
  const bool was_up = attempt_.phase() == LinkAttempt::Phase::kUp;
  if (const auto* silent = std::get_if<MediaSilent>(&event.body); silent && was_up) {
    recovery_.onSilent(silent->since);
    listener_.down();
  } else if (std::holds_alternative<MediaBack>(event.body)) {
    onMedia(event.at);
  } else if (const auto* state = std::get_if<ConnectionStateChanged>(&event.body);
             state && state->state == "failed" && was_up) {
    lose(event.at, Recovery::Sign::kFailed);
  }
  armRecovery();
}

void PeerLink::lose(Instant at, Recovery::Sign sign) {
  recovery_.onLost(at, sign);
  listener_.down();
}

void PeerLink::changeAddress(Instant at, const std::string& literal) {
  if (!peer_)
    return;
  peer_->changeAddress(literal);
  if (attempt_.phase() == LinkAttempt::Phase::kUp)
    lose(at, Recovery::Sign::kNetworkChanged);
  armRecovery();
}

void PeerLink::onMedia(Instant at) {
  if (attempt_.phase() != LinkAttempt::Phase::kUp)
    return;
  const auto recovered = recovery_.onMedia(at);
  if (!recovered)
    return;
  listener_.record(at, LinkRecovered{toString(recovered->rung), toMs(recovered->outage)});
  listener_.up();
}

void PeerLink::armRecovery() {
  recovery_due_.cancel();
  if (const auto due = recovery_.due())
    recovery_due_ = setup_.world.loop.at(*due, [this] {
      followRecovery(recovery_.onTime(now()));
      armRecovery();
    });
}

void PeerLink::followRecovery(const Recovery::Order& order) {
  const Instant at = now();
  if (order.lost) {
    const Duration silent = at - std::max(lastHeard(), setup_.order.start);
    listener_.record(at, LinkLost{toString(recovery_.sign()), toMs(silent)});
  }
  if (order.restart_ice && peer_) {
    listener_.record(
        at, RecoveryTried{toString(Recovery::Rung::kIceRestart), recovery_.history().attempts});
    peer_->restartIce();
  } else if (order.recreate) {
    listener_.record(
        at, RecoveryTried{toString(Recovery::Rung::kRecreate), recovery_.history().attempts});
    listener_.recreate(recovery_.history());
  } else if (order.give_up) {
    const std::string tried = std::to_string(recovery_.history().attempts);
    listener_.record(at, LinkFailed{FailureCause::kNoMedia, "media",
                                    "given up after " + tried + " attempts to bring media back"});
    listener_.settled({.up = false, .cause = FailureCause::kNoMedia});
  }
}

// A link that is an attempt of a recovery has failed only when the policy says so.
void PeerLink::record(Instant at, EventBody body) {
  const auto* failed = std::get_if<LinkFailed>(&body);
  if (failed && isAttempt())
    listener_.record(at, RecoveryFailed{failed->cause, failed->phase, failed->detail});
  else
    listener_.record(at, std::move(body));
}

void PeerLink::settle(const Settled& settled) {
  if (settled.up)
    recovery_.onMedia(now());
  if (settled.up || !isAttempt())
    listener_.settled(settled);
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
  const std::string& to = peer_id_;
  std::visit(Overloaded{
                 [&](const MakeOffer&) {
                   if (peer_)
                     peer_->createOffer();
                 },
                 [&](const SetRemote& remote) { setRemote(remote); },
                 [&](const AddRemoteCandidate& candidate) { addRemote(candidate); },
                 [&](const ShipDescription& description) {
                   if (signaling)
                     signaling->sendDescription(to, setup_.open.number, toString(description.type),
                                                description.sdp);
                 },
                 [&](const ShipCandidate& candidate) {
                   if (signaling)
                     signaling->sendCandidate(to, setup_.open.number, candidate.mline,
                                              candidate.candidate);
                 },
                 [&](const Deadline& deadline) {
                   deadline_ = setup_.world.loop.at(deadline.due, [this] {
                     attempt_.onDeadline(now());
                     drain();
                   });
                 },
                 [&](const ClearDeadline&) { deadline_.cancel(); },
                 [&](Record& note) { record(note.at, std::move(note.body)); },
                 [&](const Connected&) { listener_.connected(); },
                 [&](const Settled& settled) { settle(settled); },
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
  recovery_due_.cancel();
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
                                     n(received.bytes), n(received.lost), totals.longest_gap_ms,
                                     received.jitter_ms, received.bitrate_variation});
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
