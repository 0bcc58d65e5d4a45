#include "bots/bot.h"

#include "pipelines/base/random.h"

#include <utility>

namespace turnout {

struct Bot::Link {
  Link(std::string id, int bot_index, LinkPlan plan)
      : peer_id(std::move(id)), index(bot_index), attempt(std::move(plan)) {}
  std::string peer_id;
  int index;
  LinkAttempt attempt;
  std::unique_ptr<PeerConnection> peer;
  Timer deadline;
};

Bot::Bot(BotWorld& world, const CallOrder& order, int index, Listener listener)
    : world_(world),
      order_(order),
      index_(index),
      listener_(std::move(listener)),
      attempt_(botPlan()) {}

Bot::~Bot() = default;

BotPlan Bot::botPlan() const {
  const auto& deadlines = world_.setup.deadlines;
  return {order_.start, deadlines.join, deadlines.connect, deadlines.leave,
          world_.setup.shape.bots - 1};
}

LinkPlan Bot::linkPlan() const {
  LinkPlan plan{order_.start,
                world_.setup.deadlines.connect,
                world_.setup.deadlines.first_media,
                order_.relay_only,
                {}};
  if (world_.setup.media.audio)
    plan.media.insert(MediaKind::kAudio);
  if (world_.setup.media.video)
    plan.media.insert(MediaKind::kVideo);
  return plan;
}

std::string Bot::userName(int bot) const {
  return order_.room + "-bot-" + std::to_string(bot);
}

int Bot::indexOf(const std::string& user) {
  for (int bot = 0; bot < world_.setup.shape.bots; bot++) {
    if (user == userName(bot))
      return bot;
  }
  return world_.setup.shape.bots + strangers_++;
}

void Bot::start() {
  attempt_.start(now());
  drain();
}

void Bot::leave() {
  attempt_.leave(now());
  drain();
}

void Bot::interrupt() {
  attempt_.interrupt(now());
  drain();
}

Bot::Link* Bot::linkTo(const std::string& peer_id) {
  const auto found = links_.find(peer_id);
  return found == links_.end() ? nullptr : found->second.get();
}

void Bot::onSignal(const SignalEvent& event) {
  const Instant at = event.at;
  std::visit(Overloaded{
                 [&](const SignalJoined& joined) {
                   std::vector<BotAttempt::Neighbour> present;
                   for (const RoomPeer& peer : joined.peers)
                     present.push_back({peer.id, peer.user});
                   attempt_.onJoined(at, present);
                 },
                 [&](const SignalJoinRejected& no) { attempt_.onRejected(at, no.reason); },
                 [&](const SignalPeerJoined& joined) {
                   attempt_.onPeerJoined(at, {joined.peer.id, joined.peer.user});
                 },
                 [&](const SignalPeerLeft&) {},  // the call's end is decided by its own bots
                 [&](const SignalDescription& description) {
                   if (Link* link = linkTo(description.from))
                     link->attempt.onDescription(at, description.type, description.sdp);
                 },
                 [&](const SignalCandidate& candidate) {
                   if (Link* link = linkTo(candidate.from))
                     link->attempt.onCandidate(at, candidate.mline, candidate.candidate);
                 },
                 [&](const SignalLeft&) { attempt_.onLeft(at); },
                 [&](const SignalDown& down) { attempt_.onSignalingDown(at, down.what); },
             },
             event.body);
  drain();
}

void Bot::onPeer(Link& link, const PeerEvent& event) {
  link.attempt.onPeer(event);
  drain();
}

void Bot::drain() {
  if (std::exchange(draining_, true))
    return;
  for (bool again = true; again;) {
    again = false;
    for (auto& action : attempt_.takeActions()) {
      perform(std::move(action));
      again = true;
    }
    for (auto& [id, link] : links_) {
      for (auto& action : link->attempt.takeActions()) {
        perform(*link, std::move(action));
        again = true;
      }
    }
  }
  draining_ = false;
}

void Bot::perform(BotAction action) {
  std::visit(Overloaded{
                 [this](const JoinRoom&) {
                   signaling_ =
                       SignalingClient::join(world_.loop, world_.setup.signaling_url, order_.room,
                                             userName(index_), SignalingClient::Start::kWebSocket,
                                             [this](const SignalEvent& event) { onSignal(event); });
                 },
                 [this](const OpenLink& order) { openLink(order); },
                 [this](const TellLinksSignalingLost& lost) {
                   for (auto& [id, link] : links_)
                     link->attempt.onSignalingLost(now(), lost.what);
                 },
                 [this](const EndLinks&) {
                   const Instant at = now();
                   for (auto& [id, link] : links_)
                     endLink(*link, at);
                 },
                 [this](const LeaveRoom&) { signaling_->leave(); },
                 [this](const Deadline& deadline) {
                   deadline_ = world_.loop.at(deadline.due, [this] {
                     attempt_.onDeadline(now());
                     drain();
                   });
                 },
                 [this](const ClearDeadline&) { deadline_.cancel(); },
                 [this](Record& note) { recordEvent(note.at, -1, std::move(note.body)); },
                 [this](const BotSettled& settled) { listener_.settled(settled.up); },
                 [this](const BotGone&) { listener_.gone(); },
             },
             action);
}

void Bot::perform(Link& link, LinkAction action) {
  std::visit(
      Overloaded{
          [&](const MakeOffer&) {
            if (link.peer)
              link.peer->createOffer();
          },
          [&](const SetRemote& remote) {
            if (!link.peer)
              return;
            const auto set = link.peer->setRemoteDescription(remote.type, remote.sdp);
            if (!set)
              link.attempt.onRefused(now(), set.error().what);
          },
          [&](const AddRemoteCandidate& candidate) {
            if (!link.peer)
              return;
            if (candidate.candidate.empty())
              link.peer->endOfRemoteCandidates();
            else
              link.peer->addRemoteCandidate(candidate.mline, candidate.candidate);
          },
          [&](const ShipDescription& description) {
            signaling_->sendDescription(link.peer_id, toString(description.type), description.sdp);
          },
          [&](const ShipCandidate& candidate) {
            signaling_->sendCandidate(link.peer_id, candidate.mline, candidate.candidate);
          },
          [&](const Deadline& deadline) {
            link.deadline = world_.loop.at(deadline.due, [this, &link] {
              link.attempt.onDeadline(now());
              drain();
            });
          },
          [&](const ClearDeadline&) { link.deadline.cancel(); },
          [&](Record& note) { recordEvent(note.at, link.index, std::move(note.body)); },
          [&](const Settled& settled) { attempt_.onLinkSettled(now(), link.peer_id, settled.up); },
      },
      action);
}

void Bot::openLink(const OpenLink& order) {
  auto owned = std::make_unique<Link>(order.peer_id, indexOf(order.user), linkPlan());
  Link& link = *owned;
  links_.emplace(order.peer_id, std::move(owned));

  PeerConfig config;
  config.name = "c" + std::to_string(order_.call) + "b" + std::to_string(index_) + "p" +
                std::to_string(link.index);
  config.ice.profile = world_.profile;
  config.ice.relay_only = order_.relay_only;
  config.ice.servers = order_.servers;
  config.ice.local_addresses = world_.setup.local_addresses;
  // Even, so that base + 1 (video) never meets another link's base.
  const auto stream = static_cast<std::uint64_t>(index_ * 64 + link.index);
  config.ssrc_base = static_cast<std::uint32_t>(Random(order_.seed, stream).next()) & ~1u;

  const Instant at = now();
  auto peer =
      world_.peers.makePeer(config, [this, &link](const PeerEvent& event) { onPeer(link, event); });
  link.attempt.start(at, order.role);
  if (peer)
    link.peer = std::move(*peer);
  else
    link.attempt.onRefused(at, peer.error().what);
}

void Bot::endLink(Link& link, Instant at) {
  link.attempt.end(at);
  if (!link.peer)
    return;
  const MediaTotals totals = link.peer->totals();
  const auto report = [&](MediaKind kind, const RtpTotals& sent, const RtpTotals& received) {
    const auto n = [](std::uint64_t count) { return static_cast<std::int64_t>(count); };
    recordEvent(at, link.index,
                MediaReport{kind, n(sent.packets), n(sent.bytes), n(received.packets),
                            n(received.bytes), n(received.lost), totals.longest_gap_ms});
  };
  if (world_.setup.media.audio)
    report(MediaKind::kAudio, totals.sent_audio, totals.received_audio);
  if (world_.setup.media.video)
    report(MediaKind::kVideo, totals.sent_video, totals.received_video);
  link.peer->close(Leave::kClean);
}

void Bot::recordEvent(Instant at, int peer, EventBody body) {
  world_.record(Event{at, order_.call, index_, peer, std::move(body)});
}

}  // namespace turnout
