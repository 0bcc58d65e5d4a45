#include "bots/host/bot.h"

#include "pipelines/base/random.h"

#include <algorithm>
#include <utility>

namespace turnout {
namespace {

// Streams of a call's seed, apart from those of the links.
constexpr std::uint64_t kStepStreams = std::uint64_t{1} << 32;
constexpr std::uint64_t kBotStreams = std::uint64_t{2} << 32;
constexpr std::uint64_t kDialectStreams = std::uint64_t{3} << 32;

// A failure to which a dialect may have led: what it could not say, and what it did not understand.
void addWhatSignalingLeft(decltype(Event::body)& body, const SignalingClient& signaling) {
  auto* of_link = std::get_if<LinkFailed>(&body);
  auto* of_bot = std::get_if<BotFailed>(&body);
  if (!of_link && !of_bot)
    return;
  const FailureCause cause = of_link ? of_link->cause : of_bot->cause;
  if (cause == FailureCause::kDtls || cause == FailureCause::kNoMedia)
    return;
  std::string& detail = of_link ? of_link->detail : of_bot->detail;
  for (const std::string& line : signaling.stuck())
    detail += "; never said, " + line;
  for (const std::string& line : signaling.misheard())
    detail += "; heard for nothing, " + line;
}

// Longer pauses of media are outages; what is done about them is the policy's.
constexpr Duration kSilenceNoticed = 300ms;

// Whether a step with a share is taken in this call: the same answer for every bot of it.
bool isTaken(const Step& step, std::size_t index, std::uint64_t call_seed) {
  return Random(call_seed, kStepStreams + index).uniform() < step.share;
}

BotReport::State reported(BotState state) {
  switch (state) {
    case BotState::kBusy:
      return BotReport::State::kBusy;
    case BotState::kSteady:
      return BotReport::State::kSteady;
    case BotState::kFailed:
      return BotReport::State::kFailed;
  }
  return BotReport::State::kBusy;
}

MediaReport reportOf(const TrackTotals& track) {
  const auto n = [](std::uint64_t count) { return static_cast<std::int64_t>(count); };
  const auto ns = [](const std::optional<Instant>& at) {
    return at ? std::optional(toNs(*at)) : std::nullopt;
  };
  const SentTotals& sent = track.sent;
  const ReceivedTotals& received = track.received;
  MediaReport report;
  report.kind = track.kind;
  report.sends = track.sends;
  report.receives = track.receives;
  report.sent_packets = n(sent.packets);
  report.sent_bytes = n(sent.bytes);
  report.sent_first_ns = ns(sent.first);
  report.sent_last_ns = ns(sent.last);
  if (sent.first)
    report.sent_first_sequence = sent.first_sequence;
  report.received_packets = n(received.packets);
  report.received_bytes = n(received.bytes);
  report.lost_packets = n(received.lost);
  report.longest_gap_ms = toMs(received.longest_gap);
  report.jitter_ms = received.jitter_ms;
  report.bitrate_bps = received.bitrate_bps;
  report.bitrate_variation = received.bitrate_variation;
  if (!received.first)
    return report;
  report.received_first_ns = ns(received.first);
  report.received_last_ns = ns(received.last);
  report.gap_began_ns = toNs(received.gap_began);
  report.received_first_sequence = received.first_sequence;
  report.duplicate_packets = n(received.duplicates);
  report.reordered_packets = n(received.reordered);
  return report;
}

}  // namespace

Bot::Bot(BotWorld& world, const BotOrder& order, std::function<void(BotReport::State)> told)
    : world_(world),
      order_(order),
      told_(std::move(told)),
      attempt_(plan(),
               [this](int link) -> std::optional<Instant> {
                 const PeerConnection* peer = peerOf(link);
                 const Instant heard = peer ? peer->totals().last_received : Instant();
                 return heard > order_.start ? std::optional(heard) : std::nullopt;
               }),
      user_(Participants(world.scenario.shape, order.room).botName(order.bot)),
      local_addresses_(world.local_addresses) {
  start_ = world_.loop.at(order_.start, [this] { start(); });
}

Bot::~Bot() {
  signaling_.reset();
  abandoned_.clear();
  directory_.reset();
  std::erase_if(world_.directories, [](const auto& one) { return one.second.expired(); });
}

BotPlan Bot::plan() const {
  const Scenario& scenario = world_.scenario;
  const auto stream = kBotStreams + static_cast<std::uint64_t>(order_.bot);
  BotPlan plan{.scheduled = order_.start,
               .entry = {.shape = scenario.shape,
                         .bot = order_.bot,
                         .participants = Participants(scenario.shape, order_.room, order_.bot),
                         .room = order_.room,
                         .pool = order_.pool,
                         .deadlines = scenario.deadlines},
               .steps = {},
               .longest_drop = {},
               .seed = Random(order_.seed, stream).next(),
               .recovery = scenario.recovery,
               .media = {},
               .expected = {},
               .relay_only = order_.relay_only,
               .messages = scenario.messages};
  const auto add = [&plan](MediaKind kind, const auto& profile) {
    if (!profile)
      return;
    plan.media.insert(kind);
    if (profile->expect)
      plan.expected.emplace(kind, *profile->expect);
  };
  add(MediaKind::kAudio, scenario.media.audio);
  add(MediaKind::kVideo, scenario.media.video);
  for (std::size_t i = 0; i < scenario.steps.size(); i++) {
    const Step& step = scenario.steps[i];
    if (rowOf(step.kind).effect == StepEffect::kLosesPackets)
      plan.longest_drop = std::max(plan.longest_drop, step.lasting);
    if (step.bot.value_or(order_.bot) == order_.bot && isTaken(step, i, order_.seed))
      plan.steps.push_back({static_cast<int>(i), step});
  }
  return plan;
}

PeerConfig Bot::peerConfig(const OpenLink& order) const {
  PeerConfig config;
  config.name = "c" + std::to_string(order_.call) + "b" + std::to_string(order_.bot) + "p" +
                std::to_string(order.index);
  config.ice.profile = world_.profile;
  config.ice.relay_only = order_.relay_only;
  config.ice.servers = order_.servers;
  config.ice.local_addresses = local_addresses_;
  config.media_silence = kSilenceNoticed;
  config.on_late_outcome = [&world = world_, call = order_.call, bot = order_.bot,
                            peer = order.index,
                            round = order.round](Instant at, const IceServerOutcome& outcome) {
    world.record(Event{at, call, bot, peer, outcome, round});
  };
  // Even, so that base + 1 (video) never meets another link's base.
  const auto stream =
      (static_cast<std::uint64_t>(order.round) * 64 + static_cast<std::uint64_t>(order_.bot)) * 64 +
      static_cast<std::uint64_t>(order.index);
  config.ssrc_base = static_cast<std::uint32_t>(Random(order_.seed, stream).next()) & ~1u;
  return config;
}

template <class Do>
void Bot::tell(Do&& input) {
  input();
  drain();
}

void Bot::start() {
  tell([&] { attempt_.start(now()); });
}

void Bot::onVanished(int participant) {
  tell([&] { attempt_.onVanished(now(), participant); });
}

void Bot::leaveAt(Instant at) {
  if (at <= now())
    return leave();
  leave_ = world_.loop.firstAt(at, [this] { leave(); });
}

void Bot::stay() {
  leave_.cancel();
}

void Bot::leave() {
  leave_.cancel();
  tell([&] { attempt_.leave(now()); });
}

void Bot::interrupt() {
  leave_.cancel();
  if (isWaiting()) {
    start_.cancel();
    return told_(BotReport::State::kLeft);
  }
  tell([&] { attempt_.interrupt(now()); });
}

void Bot::setIceServers(const std::vector<IceServer>& servers, const std::string& reason) {
  if (attempt_.phase() == Membership::Phase::kGone || order_.servers.empty())
    return;  // or an end of the call that is to have none
  order_.servers = servers;
  for (auto& [link, opened] : links_) {
    if (opened.peer)
      opened.peer->setIceServers(servers);
  }
  if (!isWaiting())
    recordEvent(now(), -1, 1, ServersRenewed{reason});
}

void Bot::drain() {
  if (std::exchange(draining_, true))
    return;
  for (auto actions = attempt_.takeActions(); !actions.empty(); actions = attempt_.takeActions()) {
    for (BotAction& action : actions)
      perform(std::move(action));
  }
  draining_ = false;
  const auto due = attempt_.due();
  if (due == due_at_)
    return;
  due_at_ = due;
  due_.cancel();
  if (due)
    due_ = world_.loop.at(*due, [this] {
      due_at_.reset();
      tell([&] { attempt_.onTime(now()); });
    });
}

void Bot::perform(BotAction action) {
  std::visit(Overloaded{[this](const OpenSocket& order) { openSocket(order.page); },
                        [this](const DropSocket&) { signaling_.reset(); },
                        [this](const CutSocket& cut) { cutSocket(cut.how); },
                        [this](const AskServer& question) { askServer(question); },
                        [this](const SayGoodbye&) { signaling_->sayGoodbye(); },
                        [this](const SendSignal& signal) { send(signal); },
                        [this](const OpenLink& order) { openLink(order); },
                        [this](const CloseLink& order) { closeLink(order.link); },
                        [this](const CommandPeer& order) { command(order); },
                        [this](const SetNetwork& order) { setNetwork(order); },
                        [this](const ChangeAddress& change) { changeAddress(change.literal); },
                        [this](const CrashHost&) { world_.crash(); },
                        [this](Record& note) {
                          if (signaling_)
                            addWhatSignalingLeft(note.body, *signaling_);
                          recordEvent(note.at, note.peer, note.round, std::move(note.body));
                        },
                        [this](const StateTold& told) { told_(reported(told.state)); },
                        [this](const BotGone& gone) {
                          told_(gone.how == BotGone::How::kVanished ? BotReport::State::kVanished
                                                                    : BotReport::State::kLeft);
                        }},
             action);
}

void Bot::openSocket(int page) {
  const auto on_event = [this, number = ++sockets_](const SignalEvent& event) {
    if (number == sockets_)
      tell([&] { attempt_.onSignal(event); });
  };
  signaling_ = world_.dialect ? SignalingClient::connect(world_.loop, world_.signaling,
                                                         world_.dialect, identity(page), on_event)
                              : SignalingClient::connect(world_.loop, world_.signaling, on_event);
}

DialectSession::Identity Bot::identity(int page) {
  if (!directory_) {
    const bool seeks = world_.scenario.shape.kind == CallMode::kMatch;
    auto& known = world_.directories[seeks ? order_.pool : order_.room];
    directory_ = known.lock();
    if (!directory_)
      known = directory_ = std::make_shared<DialectDirectory>();
    kept_ = std::make_shared<std::map<std::string, std::string>>();
  }
  const auto bots = static_cast<std::size_t>(world_.scenario.shape.bots);
  const std::size_t number =
      static_cast<std::size_t>(order_.call) * bots + static_cast<std::size_t>(order_.bot);
  DialectSession::Identity identity{
      .user = user_,
      .room = order_.room,
      .pool = order_.pool,
      .bot = order_.bot,
      .seed = Random(order_.seed, kDialectStreams + static_cast<std::uint64_t>(order_.bot)).next(),
      .page = page,
      .directory = directory_,
      .kept = kept_};
  for (const SignalingAccess::Value& value : world_.dialect_values)
    if (!value.values.empty())
      identity.given[value.name] = value.values[number % value.values.size()];
  return identity;
}

void Bot::cutSocket(CutSocket::How how) {
  if (!signaling_)
    return;
  if (how == CutSocket::How::kSilently)
    return signaling_->setPaused(true);
  sockets_++;
  if (how == CutSocket::How::kReset)
    signaling_->resetSocket();
  else if (how == CutSocket::How::kClosed)
    signaling_->closeSocket();
  else
    signaling_->setPaused(true);
  abandoned_.push_back(std::move(signaling_));
}

void Bot::askServer(const AskServer& question) {
  const std::string& text = question.ask.text;
  if (!signaling_)
    return;
  switch (question.ask.request) {
    case SignalRequest::kRegister:
      return signaling_->registerUser(text, question.page, question.key);
    case SignalRequest::kJoin:
      return signaling_->joinRoom(text, user_);
    case SignalRequest::kCall:
      return signaling_->callUser(text);
    case SignalRequest::kAnswer:
      return signaling_->answerCall(text);
    case SignalRequest::kHangUp:
      return signaling_->hangUp(text);
    case SignalRequest::kFindPartner:
      return signaling_->findPartner(text);
    case SignalRequest::kNextPartner:
      return signaling_->nextPartner(text);
    case SignalRequest::kLeave:
      return signaling_->leave();
    case SignalRequest::kConnect:
    case SignalRequest::kSignal:
      return;  // the client's and the links' own
  }
}

// What finds no socket is lost: the machine says it again when there is one.
void Bot::send(const SendSignal& signal) {
  if (!signaling_)
    return;
  std::visit(
      Overloaded{[&](const ShipDescription& description) {
                   signaling_->sendDescription(signal.to, signal.number, toString(description.type),
                                               description.sdp);
                 },
                 [&](const ShipCandidate& candidate) {
                   signaling_->sendCandidate(signal.to, signal.number, candidate.mline,
                                             candidate.candidate, candidate.mid);
                 },
                 [&](const SendPing& ping) {
                   signaling_->sendPing(signal.to, ping.number,
                                        world_.scenario.messages->size_bytes);
                 },
                 [&](const AnswerPing& ping) { signaling_->answerPing(signal.to, ping.number); }},
      signal.what);
}

void Bot::openLink(const OpenLink& order) {
  OpenedLink& opened = links_[order.link];
  opened.order = order;
  if (!world_.peers)
    return;  // messages only
  auto peer =
      world_.peers->makePeer(peerConfig(order), [this, link = order.link](const PeerEvent& event) {
        tell([&] { attempt_.onPeer(link, event); });
      });
  if (!peer)
    return attempt_.onPeerRefused(order.link, now(), peer.error().what);
  opened.peer = std::move(*peer);
  if (network_ != NetworkCondition{})
    opened.peer->setNetwork(network_);
}

// We may be inside one of its calls.
void Bot::closeLink(int link) {
  auto node = links_.extract(link);
  if (node.empty() || !node.mapped().peer)
    return;
  std::unique_ptr<PeerConnection> peer = std::move(node.mapped().peer);
  recordMedia(node.mapped().order, peer->totals());
  peer->close(Leave::kClean);
  closed_.push_back(std::move(peer));
  destroy_closed_ = world_.loop.after(0ms, [this] { closed_.clear(); });
}

PeerConnection* Bot::peerOf(int link) const {
  const auto found = links_.find(link);
  return found == links_.end() ? nullptr : found->second.peer.get();
}

void Bot::command(const CommandPeer& order) {
  PeerConnection* peer = peerOf(order.link);
  if (!peer)
    return;
  std::visit(Overloaded{[&](const MakeOffer&) { peer->createOffer(); },
                        [&](const RestartIce&) { peer->restartIce(); },
                        [&](const SetRemote& remote) {
                          if (const auto set = peer->setRemoteDescription(remote.type, remote.sdp);
                              !set)
                            attempt_.onPeerRefused(order.link, now(), set.error().what);
                        },
                        [&](const AddRemoteCandidate& candidate) {
                          if (candidate.candidate.empty())
                            peer->endOfRemoteCandidates();
                          else
                            peer->addRemoteCandidate(candidate.mline, candidate.candidate);
                        }},
             order.command);
}

void Bot::setNetwork(const SetNetwork& order) {
  if (signaling_)
    signaling_->setPaused(order.signaling_dropped);
  network_ = order.peers;
  for (auto& [link, opened] : links_) {
    if (opened.peer)
      opened.peer->setNetwork(network_);
  }
}

void Bot::changeAddress(const std::string& literal) {
  local_addresses_ = {literal};
  for (auto& [link, opened] : links_) {
    if (opened.peer)
      opened.peer->changeAddress(literal);
  }
}

void Bot::recordMedia(const OpenLink& order, const MediaTotals& totals) {
  const MediaProfile& media = world_.scenario.media;
  for (const MediaKind kind : {MediaKind::kAudio, MediaKind::kVideo})
    if (kind == MediaKind::kAudio ? media.audio.has_value() : media.video.has_value())
      recordEvent(now(), order.index, order.round, reportOf(totals.of(kind)));
}

void Bot::recordEvent(Instant at, int peer, int round, EventBody body) {
  world_.record(Event{at, order_.call, order_.bot, peer, std::move(body), round});
}

}  // namespace turnout
