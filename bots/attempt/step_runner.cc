#include "bots/attempt/step_runner.h"

#include "pipelines/base/log.h"

#include <algorithm>
#include <array>

namespace turnout {
namespace {

constexpr std::array kStepPhases{"waiting", "armed", "taking", "returning", "through"};

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

StepRunner::StepRunner(std::vector<PlannedStep> steps, std::uint64_t seed)
    : steps_(std::move(steps)),
      seed_(seed),
      phase_(steps_.empty() ? Phase::kThrough : Phase::kWaiting) {}

void StepRunner::enter(Phase phase, Instant, const char* why) {
  logPhase("steps", kStepPhases.at(static_cast<std::size_t>(phase_)),
           kStepPhases.at(static_cast<std::size_t>(phase)), why);
  phase_ = phase;
  TURNOUT_DCHECK(isConsistent(), why);
}

bool StepRunner::isConsistent() const {
  if ((phase_ == Phase::kArmed) != begin_at_.has_value())
    return false;
  if (phase_ != Phase::kTaking && (end_at_ || reload_at_))
    return false;
  return phase_ == Phase::kThrough || next_ < steps_.size();
}

std::optional<StepTrigger> StepRunner::awaited() const {
  return phase_ == Phase::kWaiting ? std::optional(step().after) : std::nullopt;
}

// A step that is armed stays so: it is due at its time, whatever happens meanwhile.
void StepRunner::onTrigger(Instant at) {
  if (phase_ != Phase::kWaiting)
    return;
  begin_at_ = at + step().delay;
  enter(Phase::kArmed, at, "its trigger has come");
}

std::optional<Instant> StepRunner::due() const {
  std::optional<Instant> first;
  for (const auto& at : {begin_at_, end_at_, reload_at_}) {
    if (at && (!first || *at < *first))
      first = at;
  }
  return first;
}

void StepRunner::onTime(Instant at) {
  if (end_at_ && *end_at_ <= at)
    end(at);
  if (reload_at_ && *reload_at_ <= at)
    reload(at);
  if (begin_at_ && *begin_at_ <= at)
    take(at);
}

void StepRunner::take(Instant at) {
  act(Record{at, StepTaken{steps_[next_].index, step().kind, toMs(at - *begin_at_)}});
  begin_at_.reset();
  enter(Phase::kTaking, at, "its instant");
  switch (step().kind) {
    case StepKind::kNetworkDrop:
    case StepKind::kLoss:
      end_at_ = at + step().lasting;
      return act(networkDuring(step(), seed_));
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
      end_at_ = at + step().away;
      return void(deeds_.emplace_back(DropPage{}));
    case StepKind::kTabKill:
      deeds_.emplace_back(DropPage{});
      over(at, "the tab is closed");
      return void(deeds_.emplace_back(CloseTab{}));
    case StepKind::kLeave:
      end_at_ = at + step().away;
      return void(deeds_.emplace_back(Leave{}));
    case StepKind::kNextPartner:
      over(at, "the server is asked");
      return void(deeds_.emplace_back(AskForNext{}));
  }
}

void StepRunner::over(Instant at, const char* why) {
  end_at_.reset();
  reload_at_.reset();
  act(Record{at, StepOver{steps_[next_].index}});
  enter(Phase::kReturning, at, why);
}

void StepRunner::end(Instant at) {
  over(at, "its time is over");
  if (isOfNetwork()) {
    act(SetNetwork{});
    deeds_.emplace_back(NetworkBack{});
  } else if (step().kind == StepKind::kLeave) {
    deeds_.emplace_back(Return{});
  } else {
    deeds_.emplace_back(LoadPage{});
  }
}

void StepRunner::returnEarly(Instant at) {
  if (phase_ == Phase::kTaking && step().kind == StepKind::kLeave)
    over(at, "somebody calls");
}

// One page load after another, whatever became of the one before; the last one counts.
void StepRunner::reload(Instant at) {
  deeds_.emplace_back(DropPage{});
  if (--reloads_left_ > 0)
    reload_at_ = at + step().every;
  else
    over(at, "the last reload");
  deeds_.emplace_back(LoadPage{});
}

void StepRunner::cutSocket(Instant at) {
  over(at, "the socket is cut");
  switch (step().cut) {
    case SocketCut::kSilent:
      return void(deeds_.emplace_back(CutSignaling{CutSocket::How::kSilently, ""}));
    case SocketCut::kReset:
      return void(deeds_.emplace_back(CutSignaling{CutSocket::How::kReset, "reset"}));
    case SocketCut::kClose:
      return void(deeds_.emplace_back(CutSignaling{CutSocket::How::kClosed, "closed"}));
  }
}

// A browser drops its sockets when the network changes, and the server does not hear of it.
void StepRunner::changeAddress(Instant at) {
  over(at, "the address is another one");
  const int last_byte = 2 + addresses_used_++ % 250;
  act(ChangeAddress{step().address.empty() ? "127.0.0." + std::to_string(last_byte)
                                           : step().address});
  deeds_.emplace_back(CutSignaling{CutSocket::How::kAbandoned, "network changed"});
}

void StepRunner::onComplete(Instant at) {
  if (phase_ != Phase::kReturning)
    return;
  next_++;
  enter(next_ < steps_.size() ? Phase::kWaiting : Phase::kThrough, at, "everything is up");
}

void StepRunner::disarm(Instant at) {
  if (phase_ == Phase::kTaking && end_at_ && isOfNetwork())
    return;  // the network comes back at its time
  begin_at_.reset();
  end_at_.reset();
  reload_at_.reset();
  enter(Phase::kThrough, at, "the bot has failed");
}

void StepRunner::stop(Instant at) {
  if (phase_ == Phase::kTaking && end_at_ && isOfNetwork()) {
    over(at, "the bot leaves");
    act(SetNetwork{});
  }
  begin_at_.reset();
  end_at_.reset();
  reload_at_.reset();
  enter(Phase::kThrough, at, "the bot leaves");
}

bool StepRunner::leavesRoomForPartners() const {
  if (phase_ == Phase::kThrough)
    return false;
  return !isInStep() || step().kind == StepKind::kNextPartner;
}

std::optional<Instant> StepRunner::signalingHeldUntil() const {
  const bool is_held = phase_ == Phase::kTaking && step().kind == StepKind::kNetworkDrop &&
                       step().drop_of != DropOf::kMedia;
  return is_held ? end_at_ : std::nullopt;
}

}  // namespace turnout
