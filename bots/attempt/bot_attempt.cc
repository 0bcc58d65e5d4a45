#include "bots/attempt/bot_attempt.h"

#include <algorithm>

namespace turnout {
namespace {

// Beyond the grace period, for a server to notice that it is over and to say so.
constexpr Duration kGhostMargin = 3s;
// A signal may cross the news that its receiver has gone, or come back under another id.
constexpr Duration kNewsMayTake = 1s;

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

}  // namespace

void BotAttempt::start(Instant at) {
  TURNOUT_CHECK(phase_ == Phase::kIdle, "a bot starts once");
  record(at, BotStarted{toNs(plan_.scheduled)});
  expected_ = plan_.entry.shape.participants() - 1;
  begin(plan_.scheduled, Entry::Way::kFirst);
}

void BotAttempt::begin(Instant at, Entry::Way way) {
  enter(Phase::kEntering);
  entry_.emplace(plan_.entry, way, at + plan_.deadlines().join);
  act(OpenSocket{});
}

void BotAttempt::onSignal(const SignalEvent& event) {
  const Instant at = event.at;
  std::visit(Overloaded{[&](const SignalConnected&) { socket_up_ = true; },
                        [&](const SignalRegistered& registered) { onRegistered(at, registered); },
                        [&](const SignalRefused& refused) { onRefused(at, refused); },
                        [&](const SignalIncoming&) { onIncoming(event); },
                        [&](const SignalMatched& matched) { onMatchedAgain(at, matched); },
                        [&](const SignalPeerJoined& joined) {
                          if (phase_ == Phase::kIn)
                            open(at, {joined.peer.id, joined.peer.user, false});
                        },
                        [&](const SignalPeerBack& back) { onPeerBack(at, back); },
                        [&](const SignalPeerLeft& left) { onPartnerLeft(at, left.id, "left"); },
                        [&](const SignalCallOver& over) { onCallOver(at, over); },
                        [&](const SignalLeft&) { onAcknowledgedLeave(); },
                        [&](const SignalDown& down) { onDown(at, down.what); }, [](const auto&) {}},
             event.body);
  if (phase_ == Phase::kEntering) {
    entry_->onSignal(event);
    followEntry(at);
  }
  considerSteps(at);
  tellState();
}

void BotAttempt::followEntry(Instant at) {
  for (auto& [when, body] : entry_->takeNotes())
    record(when, std::move(body));
  for (Entry::Ask& question : entry_->takeAsks())
    act(AskServer{std::move(question), key_});
  if (entry_->phase() == Entry::Phase::kIn)
    getIn(at);
  else if (entry_->phase() == Entry::Phase::kRefused)
    fail(at, entry_->refusal().cause, entry_->refusal().detail);
}

void BotAttempt::getIn(Instant at) {
  enter(Phase::kIn);
  call_ = entry_->call();
  const bool waits_for_guests =
      plan_.entry.shape.guests > 0 && plan_.entry.shape.kind == CallMode::kRoom;
  if (was_up_)
    complete_by_ = at + plan_.deadlines().recover;
  else if (waits_for_guests)
    complete_by_ = at + plan_.deadlines().wait;
  else
    complete_by_ =
        (entry_->isFirst() ? plan_.scheduled + entry_->waited() : at) + plan_.deadlines().connect;
  for (const Neighbour& peer : entry_->neighbours())
    open(at, peer);
}

void BotAttempt::ask(SignalRequest request, std::string text) {
  act(AskServer{{request, std::move(text)}, key_});
}

void BotAttempt::open(Instant at, const Neighbour& peer) {
  if (links_.contains(peer.id))  // the same peer told twice is one peer
    return;
  const CallShape& shape = plan_.entry.shape;
  OpenLink link{.peer = peer,
                .index = plan_.entry.cast.indexOf(peer.user),
                .is_polite = !peer.we_offer,
                .history = {},
                .begin = at,
                .connect = plan_.deadlines().connect};
  const bool is_guest = shape.kind == CallMode::kRoom && link.index >= shape.bots;
  if (was_up_)
    link.connect = plan_.deadlines().recover;
  else if (is_guest && !peer.we_offer)  // came when it liked
    recordOf(at, link.index, GuestCame{toMs(at - plan_.scheduled)});
  else if (!is_guest && entry_->isFirst())
    link.begin = plan_.scheduled + entry_->waited();
  openLink(std::move(link));
}

void BotAttempt::openLink(OpenLink link) {
  link.round = ++rounds_[link.index];
  links_[link.peer.id] = {.index = link.index,
                          .number = link.number,
                          .user = link.peer.user,
                          .is_polite = link.is_polite};
  ghosts_.erase(link.index);
  act(std::move(link));
}

void BotAttempt::close(std::string peer_id) {
  if (links_.erase(peer_id) > 0)
    act(CloseLink{std::move(peer_id)});
}

void BotAttempt::closeAll() {
  while (!links_.empty())
    close(links_.begin()->first);
}

void BotAttempt::onRegistered(Instant at, const SignalRegistered& registered) {
  key_ = registered.key;
  grace_ = registered.grace;
  if (!std::exchange(is_back_, false))
    return;
  has_resumed_ = registered.resumed;
  const Duration away = at - away_since_;
  record(at, SessionResumed{registered.resumed, toMs(away)});
  if (!registered.resumed && away < grace_)
    record(at, AppFaultSeen{AppFault::kNotResumed, "came back within the grace period"});
}

// Somebody calls while we are in nothing: at once part of the call again, as the one who is called.
void BotAttempt::onIncoming(const SignalEvent& event) {
  if (phase_ == Phase::kAway && socket_up_)
    return comeBack(event.at, Entry::Way::kCalled);  // earlier than meant
  if (phase_ != Phase::kIn || !links_.empty())
    return;
  entry_ = Entry::again(*entry_, Entry::Way::kCalled, event.at);
  enter(Phase::kEntering);
}

void BotAttempt::onPeerBack(Instant at, const SignalPeerBack& back) {
  if (phase_ != Phase::kIn)
    return;
  refused_.clear();
  recordOf(at, plan_.entry.cast.indexOf(back.peer.user), PartnerReturned{});
  close(back.was);
  open(at, {back.peer.id, back.peer.user, false});
}

void BotAttempt::onCallOver(Instant at, const SignalCallOver& over) {
  if (phase_ != Phase::kIn || over.call != call_)
    return;
  call_.clear();
  if (over.reason == "ring_timeout")
    record(at, AppFaultSeen{AppFault::kRingTimeoutRace, "the call had been answered"});
  onPartnerLeft(at, links_.empty() ? "" : links_.begin()->first, over.reason);
}

void BotAttempt::onPartnerLeft(Instant at, const std::string& peer_id, const std::string& reason) {
  const auto link = links_.find(peer_id);
  if (phase_ != Phase::kIn)
    return;
  const int index = link == links_.end() ? -1 : link->second.index;
  refused_.clear();
  recordOf(at, index, PartnerLeft{reason});
  ghosts_.erase(index);
  close(peer_id);
  if (!was_up_)
    return fail(at, FailureCause::kPartnerLeft, reason);
  if (index < 0)  // of somebody we know nothing of, or who was a ghost
    return;
  expected_ = std::max(0, expected_ - 1);
  if (!isSeeking())
    return considerComplete();
  entry_ = Entry::again(*entry_, Entry::Way::kFirst, at);  // as such apps do by themselves
  expected_ = 1;
  enter(Phase::kEntering);
  followEntry(at);
}

bool BotAttempt::isSeeking() const {
  if (plan_.entry.shape.kind != CallMode::kMatch || step_ >= plan_.steps.size())
    return false;
  return !in_step_ || plan_.steps[step_].step.kind == StepKind::kNextPartner;
}

// Two who ask for the next partner at once: the match we were told of is over already.
void BotAttempt::onMatchedAgain(Instant at, const SignalMatched& matched) {
  if (phase_ != Phase::kIn || matched.call == call_)
    return;
  closeAll();
  entry_ = Entry::again(*entry_, Entry::Way::kFirst, at);
  entry_->takeAsks();
  enter(Phase::kEntering);
}

void BotAttempt::onRefused(Instant at, const SignalRefused& refused) {
  if (phase_ != Phase::kIn)
    return;  // the entry's, or of no interest any more
  const SessionError error{refused.error, toString(refused.request)};
  if (refused.request == SignalRequest::kSignal)
    refused_.emplace_back(at, error);
  else
    record(at, error);
}

void BotAttempt::onAcknowledgedLeave() {
  has_left_ = true;
  if (phase_ == Phase::kLeaving)
    act(SayGoodbye{});
}

void BotAttempt::onDown(Instant at, const std::string& what) {
  const bool was_connected = std::exchange(socket_up_, false);
  switch (phase_) {
    case Phase::kEntering:
      return fail(
          at, was_connected ? FailureCause::kSignalingLost : FailureCause::kSignalingUnreachable,
          what);
    case Phase::kIn:
      // Links that are up live on without signaling; only what still connects is lost. Peers that
      // had not come yet never will.
      ghosts_.clear();  // nobody can tell us any more
      act(TellLinksSignalingLost{what});
      if (static_cast<int>(links_.size()) < expected_)
        fail(at, FailureCause::kSignalingLost, what);
      return;
    case Phase::kLeaving:
      return gone(at, BotLeft{has_left_}, BotGone::Way::kLeft);
    case Phase::kIdle:
    case Phase::kAway:
    case Phase::kFailed:
    case Phase::kGone:
      return;
  }
}

void BotAttempt::onLinkConnected(Instant at, const std::string& peer_id) {
  if (const auto link = links_.find(peer_id); link != links_.end())
    link->second.connected = true;
  considerSteps(at);
}

void BotAttempt::onLinkSettled(Instant at, const std::string& peer_id, const Settled& how) {
  const auto link = links_.find(peer_id);
  if (link == links_.end())
    return;
  link->second.settled = true;
  link->second.up = how.up;
  has_failed_ = has_failed_ || !how.up;
  if (!how.up && has_resumed_ && rounds_[link->second.index] > 1 &&
      how.cause == FailureCause::kNegotiation)
    recordOf(at, link->second.index,
             AppFaultSeen{AppFault::kDeafAfterReturn, "nobody answers under the new socket id"});
  considerComplete();
  considerSteps(at);
  tellState();
}

void BotAttempt::considerComplete() {
  if (!isComplete())
    return;
  was_up_ = true;
  complete_by_.reset();
  if (in_step_ && !return_at_) {
    in_step_ = false;
    step_++;
  }
}

void BotAttempt::onLinkDown(Instant at, const std::string& peer_id) {
  if (const auto link = links_.find(peer_id); link != links_.end())
    link->second.up = false;
  if (!complete_by_)
    complete_by_ = at + plan_.longest_drop + plan_.deadlines().recover;
  tellState();
}

void BotAttempt::onLinkUp(Instant at, const std::string& peer_id) {
  if (const auto link = links_.find(peer_id); link != links_.end())
    link->second.up = true;
  considerComplete();
  considerSteps(at);
  tellState();
}

void BotAttempt::onLinkRecreate(Instant at, const std::string& peer_id,
                                const Recovery::History& history) {
  if (const auto link = links_.find(peer_id); link != links_.end())
    reopen(at, peer_id, true, link->second.number + 1, history);
}

void BotAttempt::onNewConnection(Instant at, const std::string& peer_id, int number,
                                 const Recovery::History& history) {
  if (links_.contains(peer_id))
    reopen(at, peer_id, false, number, history);
}

void BotAttempt::reopen(Instant at, const std::string& peer_id, bool we_offer, int number,
                        const Recovery::History& history) {
  const Link before = links_.at(peer_id);
  close(peer_id);
  openLink({.peer = {peer_id, before.user, we_offer},
            .index = before.index,
            .number = number,
            .is_polite = before.is_polite,
            .history = history,
            .begin = at,
            .connect = plan_.deadlines().recover});
  tellState();
}

void BotAttempt::onVanished(Instant at, int participant) {
  vanished_.insert(participant);
  if (phase_ != Phase::kIn)
    return;
  const bool is_linked = std::any_of(links_.begin(), links_.end(), [&](const auto& link) {
    return link.second.index == participant;
  });
  if (is_linked)
    ghosts_[participant] = at + grace_ + kGhostMargin;
  tellState();
}

void BotAttempt::onGhost(Instant at, int participant) {
  recordOf(at, participant,
           AppFaultSeen{AppFault::kGhostPartner, "not told within the grace period and 3 s"});
  ghosts_.erase(participant);
  expected_ = std::max(0, expected_ - 1);
  const auto link = std::find_if(links_.begin(), links_.end(),
                                 [&](const auto& one) { return one.second.index == participant; });
  if (link != links_.end())
    close(link->first);
  considerComplete();
}

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
  const Step& step = plan_.steps[step_].step;
  if (isReached(step.after))
    step_at_ = at + step.delay;
}

void BotAttempt::takeStep(Instant at) {
  const auto& [index, step] = plan_.steps[step_];
  record(at, StepTaken{index, wordOf(step.kind), toMs(at - *step_at_)});
  step_at_.reset();
  in_step_ = true;
  away_since_ = at;
  if (step.kind == StepKind::kNetworkDrop) {
    return_at_ = at + step.lasting;
    return act(SetNetwork{step.drop_of, true});
  }
  complete_by_.reset();
  ghosts_.clear();
  closeAll();
  switch (step.kind) {
    case StepKind::kTabKill:
      act(DropSocket{});
      record(at, StepOver{index});
      return gone(at, BotLeft{false}, BotGone::Way::kVanished);
    case StepKind::kRefresh:
      socket_up_ = false;
      act(DropSocket{});
      break;
    case StepKind::kLeave:
      ask(SignalRequest::kLeave);
      break;
    case StepKind::kNextPartner:
      record(at, StepOver{index});
      entry_ = Entry::again(*entry_, Entry::Way::kAfterLeave, at);
      entry_->takeAsks();
      ask(SignalRequest::kNextPartner, plan_.entry.pool);
      return enter(Phase::kEntering);
    default:
      return;  // above: nothing is closed
  }
  call_.clear();
  return_at_ = at + step.away;
  enter(Phase::kAway);
}

void BotAttempt::endDrop(Instant at) {
  if (!return_at_ || plan_.steps[step_].step.kind != StepKind::kNetworkDrop)
    return;
  return_at_.reset();
  record(at, StepOver{plan_.steps[step_].index});
  act(SetNetwork{plan_.steps[step_].step.drop_of, false});
}

void BotAttempt::comeBack(Instant at, Entry::Way way) {
  const PlannedStep& taken = plan_.steps[step_];
  if (taken.step.kind == StepKind::kNetworkDrop) {
    endDrop(at);
    complete_by_ = at + plan_.deadlines().recover;
    return considerComplete();
  }
  return_at_.reset();
  record(at, StepOver{taken.index});
  expected_ = plan_.entry.shape.participants() - 1 - static_cast<int>(vanished_.size());
  if (!socket_up_) {
    is_back_ = !key_.empty();
    return begin(at, Entry::Way::kAfterCut);
  }
  entry_ = Entry::again(*entry_, way, at);
  enter(Phase::kEntering);
  followEntry(at);
}

std::optional<Instant> BotAttempt::due() const {
  std::optional<Instant> first;
  const auto consider = [&](std::optional<Instant> at) {
    if (at && (!first || *at < *first))
      first = at;
  };
  for (const auto& at : {complete_by_, return_at_, step_at_, leave_by_})
    consider(at);
  if (phase_ == Phase::kEntering)
    consider(entry_->due());
  for (const auto& [participant, at] : ghosts_)
    consider(at);
  if (!refused_.empty())
    consider(refused_.front().first + kNewsMayTake);
  return first;
}

void BotAttempt::onTime(Instant at) {
  const auto is_due = [at](const std::optional<Instant>& when) { return when && *when <= at; };
  if (is_due(leave_by_))
    return gone(at, BotLeft{false}, BotGone::Way::kLeft);
  if (is_due(return_at_))
    comeBack(at, Entry::Way::kAfterLeave);
  if (phase_ == Phase::kEntering) {
    entry_->onTime(at);
    followEntry(at);
  }
  if (is_due(step_at_))
    takeStep(at);
  while (!ghosts_.empty()) {
    const auto ghost = std::find_if(ghosts_.begin(), ghosts_.end(),
                                    [&](const auto& one) { return one.second <= at; });
    if (ghost == ghosts_.end())
      break;
    onGhost(at, ghost->first);
  }
  while (!refused_.empty() && refused_.front().first + kNewsMayTake <= at) {
    record(refused_.front().first, refused_.front().second);
    refused_.erase(refused_.begin());
  }
  if (is_due(complete_by_)) {
    complete_by_.reset();
    if (const int missing = expected_ - static_cast<int>(links_.size()); missing > 0)
      fail(at, FailureCause::kPeerMissing, std::to_string(missing) + " of the others did not come");
    else if (was_up_ && !isComplete())
      fail(at, FailureCause::kNoMedia, "media did not come back in time");
  }
  considerSteps(at);
  tellState();
}

void BotAttempt::leave(Instant at) {
  if (phase_ == Phase::kLeaving || phase_ == Phase::kGone)
    return;
  endDrop(at);
  closeAll();
  complete_by_.reset();
  return_at_.reset();
  step_at_.reset();
  ghosts_.clear();
  refused_.clear();
  if (!socket_up_)
    return gone(at, BotLeft{false}, BotGone::Way::kLeft);
  enter(Phase::kLeaving);
  has_left_ = false;
  if (plan_.entry.shape.kind == CallMode::kCall && !call_.empty())
    ask(SignalRequest::kHangUp, call_);
  else
    ask(SignalRequest::kLeave);
  leave_by_ = at + plan_.deadlines().leave;
}

void BotAttempt::interrupt(Instant at) {
  if (!was_up_ && !has_failed_ && (phase_ == Phase::kEntering || phase_ == Phase::kIn))
    fail(at, FailureCause::kInterrupted, "the run was stopped");
  leave(at);
}

bool BotAttempt::isComplete() const {
  return phase_ == Phase::kIn && static_cast<int>(links_.size()) >= expected_ &&
         std::all_of(links_.begin(), links_.end(), [](const auto& link) { return link.second.up; });
}

bool BotAttempt::isDecided() const {
  return phase_ == Phase::kFailed ||
         (static_cast<int>(links_.size()) >= expected_ &&
          std::all_of(links_.begin(), links_.end(),
                      [](const auto& link) { return link.second.settled; }));
}

void BotAttempt::tellState() {
  if (phase_ == Phase::kGone || phase_ == Phase::kLeaving)
    return;
  const bool has_nothing_to_do = step_ >= plan_.steps.size() && !in_step_ && ghosts_.empty();
  BotState state = BotState::kBusy;
  if (has_failed_ && isDecided())
    state = BotState::kFailed;
  else if (was_up_ && has_nothing_to_do && isComplete())
    state = BotState::kSteady;
  if (state != std::exchange(state_, state))
    act(StateTold{state});
}

void BotAttempt::fail(Instant at, FailureCause cause, const std::string& detail) {
  record(at, BotFailed{cause, detail});
  enter(Phase::kFailed);
  complete_by_.reset();
  step_at_.reset();
  has_failed_ = true;
}

void BotAttempt::gone(Instant at, const BotLeft& how, BotGone::Way way) {
  enter(Phase::kGone);
  leave_by_.reset();
  step_at_.reset();
  complete_by_.reset();
  ghosts_.clear();
  refused_.clear();
  record(at, how);
  act(BotGone{way});
}

}  // namespace turnout
