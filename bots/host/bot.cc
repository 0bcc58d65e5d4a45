#include "bots/host/bot.h"

#include "pipelines/base/random.h"

#include <algorithm>
#include <utility>

namespace turnout {
namespace {

// Streams of a call's seed, apart from those of the links.
constexpr std::uint64_t kStepStreams = std::uint64_t{1} << 32;
constexpr std::uint64_t kBotStreams = std::uint64_t{2} << 32;

// Whether a step with a share is taken in this call: the same answer for every bot of it.
bool isTaken(const Step& step, std::size_t index, std::uint64_t call_seed) {
  return Random(call_seed, kStepStreams + index).uniform() < step.share;
}

}  // namespace

Bot::Bot(BotWorld& world, const CallOrder& order, int index, Listener listener)
    : world_(world),
      order_(order),
      index_(index),
      listener_(std::move(listener)),
      attempt_(planFor(index)),
      user_(Cast(world.setup.shape, order.room).botName(index)),
      local_addresses_(world.setup.local_addresses) {}

Bot::~Bot() = default;

BotPlan Bot::planFor(int index) const {
  const HostSetup& setup = world_.setup;
  BotPlan plan{.scheduled = order_.start,
               .entry = {.shape = setup.shape,
                         .bot = index,
                         .cast = Cast(setup.shape, order_.room),
                         .room = order_.room,
                         .pool = order_.pool,
                         .deadlines = setup.deadlines},
               .steps = {},
               .longest_drop = {},
               .seed = Random(order_.seed, kBotStreams + static_cast<std::uint64_t>(index)).next()};
  for (std::size_t i = 0; i < setup.steps.size(); i++) {
    const Step& step = setup.steps[i];
    if (step.kind == StepKind::kNetworkDrop || step.kind == StepKind::kLoss)
      plan.longest_drop = std::max(plan.longest_drop, step.lasting);
    if (step.bot.value_or(index) == index && isTaken(step, i, order_.seed))
      plan.steps.push_back({static_cast<int>(i), step});
  }
  return plan;
}

void Bot::start() {
  attempt_.start(now());
  drain();
}

void Bot::onVanished(int participant) {
  attempt_.onVanished(now(), participant);
  drain();
}

void Bot::renewServers(const std::vector<IceServer>& servers, const std::string& reason) {
  if (attempt_.phase() == BotAttempt::Phase::kGone)
    return;
  order_.servers = servers;
  for (auto& [id, opened] : links_)
    opened.link->setServers(servers);
  recordEvent(now(), -1, 1, ServersRenewed{reason});
}

void Bot::leave() {
  attempt_.leave(now());
  drain();
}

void Bot::interrupt() {
  attempt_.interrupt(now());
  drain();
}

Link* Bot::linkTo(const std::string& peer_id) {
  const auto found = links_.find(peer_id);
  return found == links_.end() ? nullptr : found->second.link.get();
}

void Bot::onSignal(const SignalEvent& event) {
  passToLink(event);
  attempt_.onSignal(event);
  drain();
}

// The link that a signal is for. An offer for a connection that we have not yet makes a new link of
// the one there is; what is for an older one comes too late.
Link* Bot::linkFor(Instant at, const std::string& peer_id, int connection,
                   const std::string& type) {
  const auto found = links_.find(peer_id);
  if (found == links_.end())
    return nullptr;
  const OpenedLink& opened = found->second;
  if (connection == 0 || (connection == opened.number && !opened.link->isFresh()))
    return opened.link.get();
  const bool yields =
      connection == opened.number && opened.link->isFresh() && !opened.link->winsAgainstOffers();
  const bool replaces = type == "offer" && (connection > opened.number || yields);
  if (replaces) {
    Recovery::History history = opened.link->history();
    if (!history.lost_since)  // only the other end has noticed
      history = {std::max(opened.link->lastHeard(), order_.start), 0, Recovery::Rung::kRecreate};
    attempt_.onNewConnection(at, peer_id, connection, history);
    drain();
    return linkTo(peer_id);
  }
  return connection == opened.number ? opened.link.get() : nullptr;
}

void Bot::passToLink(const SignalEvent& event) {
  const Instant at = event.at;
  std::visit(Overloaded{[&](const SignalDescription& description) {
                          if (Link* link = linkFor(at, description.from, description.connection,
                                                   description.type))
                            link->onDescription(at, description);
                        },
                        [&](const SignalCandidate& candidate) {
                          if (Link* link = linkFor(at, candidate.from, candidate.connection, ""))
                            link->onCandidate(at, candidate);
                        },
                        [&](const SignalPing& ping) {
                          if (Link* link = linkTo(ping.from))
                            link->onPing(at, ping);
                        },
                        [](const auto&) {}},
             event.body);
}

void Bot::setNetwork(const SetNetwork& order) {
  if (signaling_)
    signaling_->setPaused(order.signaling_dropped);
  network_ = order.peers;
  for (auto& [id, opened] : links_)
    opened.link->setNetwork(network_);
}

void Bot::changeAddress(const std::string& literal) {
  local_addresses_ = {literal};
  for (auto& [id, opened] : links_)
    opened.link->changeAddress(now(), literal);
}

void Bot::rebindLink(const RebindLink& order) {
  auto node = links_.extract(order.from);
  if (node.empty())
    return;
  node.key() = order.to;
  *node.mapped().id = order.to;
  node.mapped().link->rebind(order.to);
  links_.insert(std::move(node));
}

void Bot::openSocket() {
  signaling_ = SignalingClient::connect(world_.loop, world_.setup.signaling_url,
                                        SignalingClient::Start::kWebSocket,
                                        [this, number = ++sockets_](const SignalEvent& event) {
                                          if (number == sockets_)
                                            onSignal(event);
                                        });
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

void Bot::drain() {
  if (std::exchange(draining_, true))
    return;
  for (auto actions = attempt_.takeActions(); !actions.empty(); actions = attempt_.takeActions()) {
    for (BotAction& action : actions)
      perform(std::move(action));
  }
  draining_ = false;
  due_.cancel();
  if (const auto due = attempt_.due())
    due_ = world_.loop.at(*due, [this] {
      attempt_.onTime(now());
      drain();
    });
}

void Bot::perform(BotAction action) {
  std::visit(
      Overloaded{[this](const OpenSocket&) { openSocket(); },
                 [this](const DropSocket&) { signaling_.reset(); },
                 [this](const CutSocket& cut) { cutSocket(cut.how); },
                 [this](const AskServer& question) { askServer(question); },
                 [this](const SayGoodbye&) { signaling_->sayGoodbye(); },
                 [this](const OpenLink& order) { openLink(order); },
                 [this](const CloseLink& order) { closeLink(order.peer_id); },
                 [this](const RebindLink& order) { rebindLink(order); },
                 [this](const SetNetwork& order) { setNetwork(order); },
                 [this](const ChangeAddress& change) { changeAddress(change.literal); },
                 [this](const CrashHost&) { world_.crash(); },
                 [this](const TellLinksSignalingLost& lost) {
                   for (auto& [id, opened] : links_)
                     opened.link->onSignalingLost(now(), lost.what);
                 },
                 [this](const TellLinksSignalingBack&) {
                   for (auto& [id, opened] : links_)
                     opened.link->onSignalingBack(now());
                 },
                 [this](Record& note) { recordEvent(note.at, note.peer, 1, std::move(note.body)); },
                 [this](const StateTold& told) { listener_.state_told(told.state); },
                 [this](const BotGone& gone) { listener_.gone(gone.way); }},
      action);
}

void Bot::askServer(const AskServer& question) {
  const std::string& text = question.ask.text;
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

void Bot::openLink(const OpenLink& order) {
  const auto id = std::make_shared<std::string>(order.peer.id);
  Link::Setup setup{.world = world_,
                    .order = order_,
                    .bot = index_,
                    .open = order,
                    .local_addresses = local_addresses_,
                    .lost_at = {},
                    .signaling = [this] { return signaling_.get(); }};
  if (const auto lost = lost_at_.find(order.index); lost != lost_at_.end())
    setup.lost_at = lost->second;
  const Link::Listener listener{
      .record = [this, index = order.index, round = order.round](
                    Instant at, EventBody body) { recordEvent(at, index, round, std::move(body)); },
      .connected =
          [this, id] {
            attempt_.onLinkConnected(now(), *id);
            drain();
          },
      .settled =
          [this, id](const Settled& how) {
            attempt_.onLinkSettled(now(), *id, how);
            drain();
          },
      .down =
          [this, id] {
            attempt_.onLinkDown(now(), *id);
            drain();
          },
      .up =
          [this, id] {
            attempt_.onLinkUp(now(), *id);
            drain();
          },
      .recreate =
          [this, id](const Recovery::History& history) {
            attempt_.onLinkRecreate(now(), *id, history);
            drain();
          }};
  auto link = world_.peers ? Link::make(std::move(setup), listener)
                           : Link::makeOfMessages(std::move(setup), listener);
  Link& started = *link;
  links_[*id] = {std::move(link), order.index, order.number, id};
  started.start();
  if (network_ != NetworkCondition{})
    started.setNetwork(network_);
}

void Bot::closeLink(const std::string& peer_id) {
  const auto found = links_.find(peer_id);
  if (found == links_.end())
    return;
  OpenedLink opened = std::move(found->second);
  links_.erase(found);
  if (const Instant heard = opened.link->lastHeard(); heard > order_.start)
    lost_at_[opened.index] = heard;
  opened.link->close();
  retire(std::move(opened.link));
}

// We may be inside one of its calls.
void Bot::retire(std::unique_ptr<Link> link) {
  retired_.push_back(std::move(link));
  bury_ = world_.loop.after(0ms, [this] { retired_.clear(); });
}

void Bot::recordEvent(Instant at, int peer, int round, EventBody body) {
  world_.record(Event{at, order_.call, index_, peer, std::move(body), round});
}

}  // namespace turnout
