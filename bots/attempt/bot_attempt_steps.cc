// The part of BotAttempt that is about the steps of the scenario: when, and what.
#include "bots/attempt/bot_attempt.h"

#include <algorithm>

namespace turnout {
namespace {

// Until an Engine.IO client misses the server's pings: interval and timeout of the default server.
constexpr Duration kNoticeSilence = 45s;

const char* wordOf(StepKind kind) {
  switch (kind) {
    case StepKind::kRefresh:
      return "refresh";
    case StepKind::kTabKill:
      return "tab_kill";
    case StepKind::kLeave:
      return "leave";
    case StepKind::kNextPartner:
      return "next_partner";
    case StepKind::kRapidRetries:
      return "rapid_retries";
    case StepKind::kNetworkDrop:
      return "network_drop";
    case StepKind::kLoss:
      return "loss";
    case StepKind::kAddressChange:
      return "address_change";
    case StepKind::kSignalingDrop:
      return "signaling_drop";
    case StepKind::kBotCrash:
      return "bot_crash";
  }
  return "";
}

bool isOfNetwork(StepKind kind) {
  return kind == StepKind::kNetworkDrop || kind == StepKind::kLoss;
}

SetNetwork networkDuring(const Step& step, std::uint64_t seed) {
  SetNetwork network;
  network.peers.seed = seed;
  if (step.kind == StepKind::kNetworkDrop) {
    if (step.drop_of != DropOf::kSignaling)
      network.peers = NetworkCondition::blackHole();
    network.signaling_dropped = step.drop_of != DropOf::kMedia;
    return network;
  }
  const PacketLoss loss{step.loss_percent, PacketLoss::Of::kEverything};
  if (step.direction != LossDirection::kIncoming)
    network.peers.outgoing.loss = loss;
  if (step.direction != LossDirection::kOutgoing)
    network.peers.incoming.loss = loss;
  return network;
}

}  // namespace

bool BotAttempt::isReached(StepTrigger trigger) const {
  if (trigger == StepTrigger::kJoined)
    return phase_ == Phase::kIn || (entry_ && entry_->isRegistered());
  const bool all_there = phase_ == Phase::kIn && static_cast<int>(links_.size()) >= expected_;
  return all_there && std::all_of(links_.begin(), links_.end(), [&](const auto& link) {
           return trigger == StepTrigger::kConnected ? link.second.connected : link.second.up;
         });
}

// A step that is armed stays so: it is due at its time, whatever happens meanwhile.
void BotAttempt::considerSteps(Instant at) {
  if (step_ >= plan_.steps.size() || in_step_ || step_at_ || has_failed_ ||
      (phase_ != Phase::kIn && phase_ != Phase::kEntering))
    return;
  if (isReached(step().after))
    step_at_ = at + step().delay;
}

void BotAttempt::takeStep(Instant at) {
  record(at, StepTaken{plan_.steps[step_].index, wordOf(step().kind), toMs(at - *step_at_)});
  step_at_.reset();
  in_step_ = true;
  away_since_ = at;
  switch (step().kind) {
    case StepKind::kNetworkDrop:
    case StepKind::kLoss:
      return_at_ = at + step().lasting;
      return act(networkDuring(step(), plan_.seed));
    case StepKind::kAddressChange:
      return changeAddress(at);
    case StepKind::kSignalingDrop:
      return cutSocket(at);
    case StepKind::kBotCrash:
      return act(CrashHost{});
    case StepKind::kRapidRetries:
      reloads_left_ = step().times;
      return reload(at);
    case StepKind::kRefresh:
    case StepKind::kTabKill:
    case StepKind::kLeave:
    case StepKind::kNextPartner:
      return goAway(at);
  }
}

void BotAttempt::pass(Instant at) {
  record(at, StepOver{plan_.steps[step_].index});
}

void BotAttempt::dropAll() {
  complete_by_.reset();
  ghosts_.clear();
  reconnection_.giveUp();
  closeAll();
  call_.clear();
}

void BotAttempt::goAway(Instant at) {
  dropAll();
  if (step().kind == StepKind::kNextPartner) {
    pass(at);
    entry_ = Entry::again(*entry_, Entry::Way::kAfterLeave, at);
    entry_->takeAsks();
    ask(SignalRequest::kNextPartner, plan_.entry.pool);
    return enter(Phase::kEntering);
  }
  if (step().kind == StepKind::kLeave) {
    ask(SignalRequest::kLeave);
  } else {
    socket_up_ = false;
    act(DropSocket{});
  }
  if (step().kind == StepKind::kTabKill) {
    pass(at);
    return gone(at, BotLeft{false}, BotGone::Way::kVanished);
  }
  return_at_ = at + step().away;
  enter(Phase::kAway);
}

// One page load after another, whatever became of the one before; the last one counts.
void BotAttempt::reload(Instant at) {
  dropAll();
  act(DropSocket{});
  socket_up_ = false;
  is_back_ = !key_.empty();
  away_since_ = at;
  expected_ = plan_.entry.shape.participants() - 1 - static_cast<int>(vanished_.size());
  reload_at_.reset();
  if (--reloads_left_ > 0)
    reload_at_ = at + step().every;
  else
    pass(at);
  begin(at, Entry::Way::kAfterCut);
}

void BotAttempt::cutSocket(Instant at) {
  pass(at);
  if (step().cut == SocketCut::kSilent) {
    is_cut_ = true;
    complete_by_ = at + kNoticeSilence + plan_.deadlines().recover;
    return act(CutSocket{CutSocket::How::kSilently});
  }
  const bool is_reset = step().cut == SocketCut::kReset;
  act(CutSocket{is_reset ? CutSocket::How::kReset : CutSocket::How::kClosed});
  socket_up_ = false;
  loseSocket(at, is_reset ? "reset" : "closed");
}

// A browser drops its sockets when the network changes, and the server does not hear of it.
void BotAttempt::changeAddress(Instant at) {
  pass(at);
  const int last_byte = 2 + addresses_used_++ % 250;
  act(ChangeAddress{step().address.empty() ? "127.0.0." + std::to_string(last_byte)
                                           : step().address});
  act(CutSocket{CutSocket::How::kAbandoned});
  socket_up_ = false;
  loseSocket(at, "network changed");
}

void BotAttempt::endDrop(Instant at) {
  if (!return_at_ || !isOfNetwork(step().kind))
    return;
  return_at_.reset();
  pass(at);
  act(SetNetwork{});
}

void BotAttempt::comeBack(Instant at, Entry::Way way) {
  if (isOfNetwork(step().kind)) {
    endDrop(at);
    complete_by_ = at + plan_.deadlines().recover;
    return considerComplete();
  }
  return_at_.reset();
  pass(at);
  expected_ = plan_.entry.shape.participants() - 1 - static_cast<int>(vanished_.size());
  if (!socket_up_) {
    is_back_ = !key_.empty();
    return begin(at, Entry::Way::kAfterCut);
  }
  entry_ = Entry::again(*entry_, way, at);
  enter(Phase::kEntering);
  followEntry(at);
}

}  // namespace turnout
