#include "bots/attempt/bot_attempt.h"

#include <algorithm>

namespace turnout {
namespace {

// A signal may cross the news that its receiver has gone, or come back under another id.
constexpr Duration kNewsMayTake = 1s;

}  // namespace

void BotAttempt::start(Instant at) {
  TURNOUT_CHECK(phase_ == Phase::kIdle, "a bot starts once");
  record(at, BotStarted{toNs(plan_.scheduled)});
  expected_ = plan_.entry.shape.participants() - 1;
  begin(plan_.scheduled, Entry::Way::kFirst);
}

void BotAttempt::begin(Instant at, Entry::Way way) {
  enter(Phase::kEntering);
  page_++;
  last_numbers_.clear();
  entry_.emplace(plan_.entry, way, at + plan_.deadlines().join);
  act(OpenSocket{});
}

void BotAttempt::onSignal(const SignalEvent& event) {
  const Instant at = event.at;
  std::visit(Overloaded{[&](const SignalConnected&) { onConnected(); },
                        [&](const SignalRegistered& registered) { onRegistered(at, registered); },
                        [&](const SignalRefused& refused) { onRefused(at, refused); },
                        [&](const SignalIncoming&) { onIncoming(event); },
                        [&](const SignalMatched& matched) { onMatchedAgain(at, matched); },
                        [&](const SignalPeerJoined& joined) {
                          if (phase_ == Phase::kIn)
                            open(at, neighbour(joined.peer, false));
                        },
                        [&](const SignalPeerBack& back) { onPeerBack(at, back); },
                        [&](const SignalBack& back) { onBack(at, back); },
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
    ask(question.request, std::move(question.text));
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
  if (!links_.empty())  // that are kept
    considerComplete();
}

void BotAttempt::onConnected() {
  socket_up_ = true;
  if (phase_ == Phase::kIn && reconnection_.isOngoing())
    ask(SignalRequest::kRegister, plan_.entry.cast.botName(plan_.entry.bot));
}

void BotAttempt::ask(SignalRequest request, std::string text) {
  act(AskServer{{request, std::move(text)}, key_, std::to_string(page_)});
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
  if (phase_ == Phase::kIn)
    return onReconnected(at);
  reconnection_.giveUp();
}

void BotAttempt::onReconnected(Instant at) {
  const Reconnection::Back back = reconnection_.back(at);
  record(at, SocketBack{back.attempts, toMs(back.away)});
  is_cut_ = false;
  act(TellLinksSignalingBack{});
  if (!has_resumed_)
    return getInAgain(at);
  considerComplete();
}

// The session is gone, the page is not: whoever is met again with a link that lives keeps it.
void BotAttempt::getInAgain(Instant at) {
  if (plan_.entry.shape.kind == CallMode::kMatch)
    closeAll();  // it may be anybody
  entry_ = Entry::again(*entry_, Entry::Way::kAfterCut, at);
  enter(Phase::kEntering);
  followEntry(at);
}

// What the session is still in, after the socket was lost and the links were not.
void BotAttempt::onBack(Instant at, const SignalBack& back) {
  if (phase_ != Phase::kIn || links_.empty())
    return;
  call_ = back.call;
  std::set<std::string> there;
  for (const RoomPeer& peer : back.peers) {
    there.insert(peer.user);
    open(at, neighbour(peer, true));
  }
  std::vector<std::string> gone;
  for (const auto& [id, link] : links_) {
    if (!there.contains(link.user))
      gone.push_back(id);
  }
  for (const std::string& id : gone)
    onPartnerLeft(at, id, "left meanwhile");
  considerComplete();
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
  open(at, neighbour(back.peer, false));
  if (back.was != back.peer.id)
    close(back.was);
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
  if (refused.request == SignalRequest::kRegister || refused.request == SignalRequest::kConnect)
    return onNotReconnected(at, refused.error);
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
      return retryEntry(
          at, was_connected ? FailureCause::kSignalingLost : FailureCause::kSignalingUnreachable,
          what);
    case Phase::kIn:
      return loseSocket(at, what);
    case Phase::kLeaving:
      return gone(at, BotLeft{has_left_}, BotGone::Way::kLeft);
    case Phase::kIdle:
    case Phase::kAway:
    case Phase::kFailed:
    case Phase::kGone:
      return;
  }
}

// A page that loads for the first time tries once more; one that comes back, as long as it may.
void BotAttempt::retryEntry(Instant at, FailureCause cause, const std::string& what) {
  if (!reconnection_.isOngoing())
    reconnection_.lost(at);
  else
    reconnection_.failed(at);
  const bool is_last_try = entry_->isFirst() && reconnection_.attempts() > 0;
  if (is_last_try || *reconnection_.due() >= entry_->until())
    fail(at, cause, what);
}

// Links that are up live on without signaling; only what still connects is lost, and who had not
// come yet is not waited for.
void BotAttempt::loseSocket(Instant at, const std::string& what) {
  ghosts_.clear();  // nobody can tell us any more
  refused_.clear();
  if (reconnection_.isOngoing())
    return reconnection_.failed(at);
  record(at, SocketLost{what});
  away_since_ = at;
  is_back_ = true;
  act(TellLinksSignalingLost{what});
  if (!was_up_ && static_cast<int>(links_.size()) < expected_)
    return fail(at, FailureCause::kSignalingLost, what);
  reconnection_.lost(at);
  if (in_step_)
    complete_by_ = at + plan_.longest_drop + plan_.deadlines().recover;
}

void BotAttempt::onNotReconnected(Instant at, const std::string& error) {
  record(at, SessionError{error, toString(SignalRequest::kRegister)});
  if (error == "session_active")
    record(at, AppFaultSeen{AppFault::kSessionActive, error});
  socket_up_ = false;
  act(DropSocket{});
  reconnection_.failed(at);
}

// While nothing passes, no socket can be had.
std::optional<Instant> BotAttempt::reconnectAt() const {
  const auto due = reconnection_.due();
  const bool is_dropped = in_step_ && return_at_ && step().kind == StepKind::kNetworkDrop &&
                          step().drop_of != DropOf::kMedia;
  return due && is_dropped ? std::max(*due, *return_at_) : due;
}

void BotAttempt::reconnect() {
  reconnection_.tried();
  if (phase_ == Phase::kEntering)
    entry_->onSocketLost();
  act(OpenSocket{});
}

std::optional<Instant> BotAttempt::due() const {
  std::optional<Instant> first;
  const auto consider = [&](std::optional<Instant> at) {
    if (at && (!first || *at < *first))
      first = at;
  };
  for (const auto& at : {complete_by_, return_at_, reload_at_, step_at_, leave_by_, reconnectAt()})
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
  if (is_due(reload_at_))
    reload(at);
  if (is_due(reconnectAt()))
    reconnect();
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
    onIncomplete(at);
  }
  considerSteps(at);
  tellState();
}

void BotAttempt::onIncomplete(Instant at) {
  const int missing = expected_ - static_cast<int>(links_.size());
  if (isComplete() || phase_ != Phase::kIn)
    return;
  if (in_step_ && (is_cut_ || reconnection_.isOngoing()))
    fail(at, FailureCause::kSignalingLost, "did not get back to the signaling server in time");
  else if (missing > 0)
    fail(at, FailureCause::kPeerMissing, std::to_string(missing) + " of the others did not come");
  else if (was_up_)
    fail(at, FailureCause::kNoMedia, "media did not come back in time");
}

void BotAttempt::leave(Instant at) {
  if (phase_ == Phase::kLeaving || phase_ == Phase::kGone)
    return;
  endDrop(at);
  closeAll();
  complete_by_.reset();
  return_at_.reset();
  reload_at_.reset();
  step_at_.reset();
  ghosts_.clear();
  refused_.clear();
  reconnection_.giveUp();
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
  reload_at_.reset();
  reconnection_.giveUp();
  has_failed_ = true;
}

void BotAttempt::gone(Instant at, const BotLeft& how, BotGone::Way way) {
  enter(Phase::kGone);
  leave_by_.reset();
  step_at_.reset();
  complete_by_.reset();
  reload_at_.reset();
  reconnection_.giveUp();
  ghosts_.clear();
  refused_.clear();
  record(at, how);
  act(BotGone{way});
}

}  // namespace turnout
