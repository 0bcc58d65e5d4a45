#include "bots/attempt/membership.h"

#include "pipelines/base/log.h"

#include <algorithm>
#include <array>

namespace turnout {
namespace {

constexpr Duration kFirstDelay = 1s, kLongestDelay = 5s;
constexpr double kVariation = 0.5;

// A signal may cross the news that its receiver has gone, or come back under another id. Of somebody
// who is known to have no socket (Refusal::kGone) there is news when the grace period is over.
constexpr Duration kNewsMayTake = 1s, kNewsOfGhostMayTake = 3s;

constexpr std::array kMembershipPhases{"idle",   "entering", "in",  "away",
                                       "failed", "leaving",  "gone"};

}  // namespace

void Reconnection::lost(Instant at) {
  lost_at_ = at;
  attempts_ = 0;
  plan(at);
}

void Reconnection::failed(Instant at) {
  if (isOngoing())
    plan(at);
}

void Reconnection::plan(Instant at) {
  const Duration doubled = kFirstDelay * (1 << std::min(attempts_, 10));
  const double factor = 1 + kVariation * (2 * random_.uniform() - 1);
  const auto varied = std::chrono::duration<double>(doubled) * factor;
  due_ = at + std::min(std::chrono::duration_cast<Duration>(varied), Duration(kLongestDelay));
}

Reconnection::Back Reconnection::back(Instant at) {
  const Back back{attempts_, at - lost_at_.value_or(at)};
  giveUp();
  return back;
}

void Membership::enter(Phase phase, Instant, const char* why) {
  logPhase("membership", kMembershipPhases.at(static_cast<std::size_t>(phase_)),
           kMembershipPhases.at(static_cast<std::size_t>(phase)), why);
  phase_ = phase;
  TURNOUT_DCHECK(isConsistent(), why);
}

bool Membership::isConsistent() const {
  switch (phase_) {
    case Phase::kIdle:
      return !entry_ && !socket_up_;
    case Phase::kEntering:
    case Phase::kIn:
      return entry_.has_value() && !leave_by_;
    case Phase::kAway:
      return !reconnection_.isOngoing() && !leave_by_;
    case Phase::kLeaving:
      return socket_up_ && !reconnection_.isOngoing();
    case Phase::kFailed:
      return !reconnection_.isOngoing();
    case Phase::kGone:
      return !leave_by_ && !reconnection_.isOngoing() && refused_.empty();
  }
  return false;
}

void Membership::start(Instant scheduled) {
  TURNOUT_CHECK(phase_ == Phase::kIdle, "a bot starts once");
  begin(scheduled, Entry::Reason::kFirst);
}

void Membership::begin(Instant at, Entry::Reason reason) {
  page_++;
  entry_.emplace(plan_, reason, at + plan_.deadlines.join);
  enter(Phase::kEntering, at, "a page is loaded");
  act(OpenSocket{page_});
}

// Registered and connected still.
void Membership::enterAgain(Instant at, Entry::Reason reason, const char* why) {
  entry_ = Entry::again(*entry_, reason, at);
  enter(Phase::kEntering, at, why);
}

void Membership::onSignal(const SignalEvent& event, bool is_linked) {
  const Instant at = event.at;
  std::visit(Overloaded{[&](const SignalConnected&) { onConnected(); },
                        [&](const SignalRegistered& registered) { onRegistered(at, registered); },
                        [&](const SignalRefused& refused) { onRefused(at, refused); },
                        [&](const SignalIncoming&) { onIncoming(event, is_linked); },
                        [&](const SignalMatched& matched) { onMatchedAgain(at, matched); },
                        [&](const SignalBack& back) { onBack(at, back); },
                        [&](const SignalCallOver& over) { onCallOver(at, over); },
                        [&](const SignalLeft&) { onLeft(); },
                        [&](const SignalDown& down) { onDown(at, down.what); }, [](const auto&) {}},
             event.body);
  if (phase_ == Phase::kEntering) {
    entry_->onSignal(event);
    followEntry(at);
  }
}

void Membership::followEntry(Instant at) {
  for (auto& [when, body] : entry_->takeNotes())
    record(when, std::move(body));
  for (Entry::Ask& question : entry_->takeAsks())
    ask(question.request, std::move(question.text));
  if (entry_->phase() == Entry::Phase::kIn) {
    call_ = entry_->call();
    enter(Phase::kIn, at, "joined, answered, matched, or still in it");
    tell(Entered{entry_->peers()});
  } else if (entry_->phase() == Entry::Phase::kRefused) {
    tell(Refused{entry_->failure().cause, entry_->failure().detail});
  }
}

void Membership::onConnected() {
  socket_up_ = true;
  if (phase_ == Phase::kIn && reconnection_.isOngoing())
    ask(SignalRequest::kRegister, plan_.participants.botName(plan_.bot));
}

void Membership::ask(SignalRequest request, std::string text) {
  act(AskServer{{request, std::move(text)}, key_, std::to_string(page_)});
}

void Membership::onRegistered(Instant at, const SignalRegistered& registered) {
  key_ = registered.key;
  grace_ = registered.grace;
  const std::string before = std::exchange(id_, registered.id);
  if (!std::exchange(is_back_, false))
    return reconnection_.giveUp();
  has_resumed_ = registered.resumed;
  is_under_an_old_id_ = registered.resumed && !before.empty() && registered.id == before;
  const Duration away = at - away_since_;
  record(at, SessionResumed{registered.resumed, toMs(away)});
  if (!registered.resumed && away < grace_)
    record(at, AppFaultSeen{AppFault::kNotResumed, "came back within the grace period"});
  if (phase_ == Phase::kIn)
    return onReconnected(at);
  reconnection_.giveUp();
}

// A session that is gone, on a page that is not: whoever is met again with a link that lives keeps
// it.
void Membership::onReconnected(Instant at) {
  const Reconnection::Back back = reconnection_.back(at);
  record(at, SocketBack{back.attempts, toMs(back.away)});
  is_cut_ = false;
  tell(FoundSocket{});
  if (has_resumed_)
    return;
  if (plan_.shape.kind == CallMode::kMatch)
    tell(NewPartner{});  // it may be anybody
  enterAgain(at, Entry::Reason::kAfterCut, "the session is gone");
  followEntry(at);
}

// What the session is still in, after the socket was lost and the page was not.
void Membership::onBack(Instant at, const SignalBack& back) {
  if (phase_ != Phase::kIn)
    return;
  if (back.place == SignalBack::Place::kRinging && !back.initiator) {  // another call by now
    tell(NewPartner{});
    return enterAgain(at, Entry::Reason::kCalled, "it rings");
  }
  call_ = back.call;
  StillIn still;
  for (const RoomPeer& peer : back.peers)
    still.peers.push_back(peerOf(peer, true));
  tell(std::move(still));
}

// Somebody calls while we are in nothing: at once part of the call again, as the one who is called.
void Membership::onIncoming(const SignalEvent& event, bool is_linked) {
  if (phase_ == Phase::kAway && socket_up_)
    tell(CalledMeanwhile{event});
  else if (phase_ == Phase::kIn && !is_linked)
    enterAgain(event.at, Entry::Reason::kCalled, "somebody calls");
}

void Membership::resume(const SignalEvent& call) {
  enterAgain(call.at, Entry::Reason::kCalled, "somebody calls, earlier than meant");
  entry_->onSignal(call);
  followEntry(call.at);
}

void Membership::onCallOver(Instant at, const SignalCallOver& over) {
  if (phase_ != Phase::kIn || over.call != call_)
    return;
  call_.clear();
  if (over.reason == "ring_timeout")
    record(at, AppFaultSeen{AppFault::kRingTimeoutRace, "the call had been answered"});
  tell(PartnerGone{over.reason});
}

void Membership::seekPartner(Instant at) {
  enterAgain(at, Entry::Reason::kFirst, "looks for another partner");
  followEntry(at);
}

void Membership::seekNextPartner(Instant at) {
  enterAgain(at, Entry::Reason::kAfterLeave, "asks for the next partner");
  entry_->takeAsks();
  ask(SignalRequest::kNextPartner, plan_.pool);
}

// Two who ask for the next partner at once: the match we were told of is over already.
void Membership::onMatchedAgain(Instant at, const SignalMatched& matched) {
  if (phase_ != Phase::kIn || matched.call == call_)
    return;
  tell(NewPartner{});
  enterAgain(at, Entry::Reason::kFirst, "was matched again");
  entry_->takeAsks();
}

void Membership::onRefused(Instant at, const SignalRefused& refused) {
  if (phase_ != Phase::kIn)
    return;  // the entry's, or of no interest any more
  if (refused.request == SignalRequest::kRegister || refused.request == SignalRequest::kConnect)
    return onNotReconnected(at, refused);
  const SessionError error{refused.error, toString(refused.request)};
  if (refused.request != SignalRequest::kSignal)
    return record(at, error);
  const bool crossed_news = news_at_ && at - *news_at_ < kNewsMayTake;
  if (crossed_news || refused.refusal == Refusal::kLate)
    return;
  const bool is_ghost = refused.refusal == Refusal::kGone;
  refused_.push_back({at, at + (is_ghost ? grace_ + kNewsOfGhostMayTake : kNewsMayTake), error});
}

void Membership::onNotReconnected(Instant at, const SignalRefused& refused) {
  record(at, SessionError{refused.error, toString(SignalRequest::kRegister)});
  if (refused.refusal == Refusal::kAlreadyActive)
    record(at, AppFaultSeen{AppFault::kSessionActive, refused.error});
  socket_up_ = false;
  act(DropSocket{});
  reconnection_.failed(at);
}

void Membership::onLeft() {
  has_left_ = true;
  if (phase_ == Phase::kLeaving)
    act(SayGoodbye{});
}

void Membership::onDown(Instant at, const std::string& what) {
  const bool was_connected = std::exchange(socket_up_, false);
  switch (phase_) {
    case Phase::kEntering:
      return retryEntry(
          at, was_connected ? FailureCause::kSignalingLost : FailureCause::kSignalingUnreachable,
          what);
    case Phase::kIn:
      return loseSocket(at, what);
    case Phase::kLeaving:
      return gone(at, has_left_);
    case Phase::kIdle:
    case Phase::kAway:
    case Phase::kFailed:
    case Phase::kGone:
      return;
  }
}

// A page that loads for the first time tries once more; one that comes back, as long as it may.
void Membership::retryEntry(Instant at, FailureCause cause, const std::string& what) {
  if (reconnection_.isOngoing()) {
    reconnection_.failed(at);
  } else {
    reconnection_.lost(at);
    is_back_ = !key_.empty();
    away_since_ = at;
  }
  const bool is_last_try = entry_->isFirst() && reconnection_.attempts() > 0;
  if (is_last_try || *reconnection_.due() >= entry_->until())
    tell(Refused{cause, what});
}

void Membership::loseSocket(Instant at, const std::string& what) {
  refused_.clear();  // nobody can tell us any more
  if (reconnection_.isOngoing())
    return reconnection_.failed(at);
  record(at, SocketLost{what});
  away_since_ = at;
  is_back_ = true;
  reconnection_.lost(at);
  tell(LostSocket{what});
}

void Membership::cutSocket(Instant at, CutSocket::How how, const std::string& what) {
  act(CutSocket{how});
  if (how == CutSocket::How::kSilently) {
    is_cut_ = true;
    return;
  }
  onDown(at, what);
}

// While nothing passes, no socket can be had.
std::optional<Instant> Membership::reconnectAt() const {
  const auto due = reconnection_.due();
  return due && held_until_ ? std::max(*due, *held_until_) : due;
}

void Membership::reconnect(Instant at) {
  reconnection_.tried();
  if (phase_ == Phase::kEntering)
    entry_->onSocketLost(at);
  act(OpenSocket{page_});
}

std::optional<Instant> Membership::due() const {
  std::optional<Instant> first;
  const auto consider = [&](std::optional<Instant> at) {
    if (at && (!first || *at < *first))
      first = at;
  };
  consider(leave_by_);
  consider(reconnectAt());
  if (phase_ == Phase::kEntering)
    consider(entry_->due());
  for (const RefusedSignal& refused : refused_)
    consider(refused.forgiven_until);
  return first;
}

void Membership::onTime(Instant at) {
  if (leave_by_ && *leave_by_ <= at)
    return gone(at, false);
  if (phase_ == Phase::kEntering) {
    entry_->onTime(at);
    followEntry(at);
  }
  if (const auto when = reconnectAt(); when && *when <= at)
    reconnect(at);
  std::erase_if(refused_, [&](const RefusedSignal& refused) {
    if (refused.forgiven_until > at)
      return false;
    record(refused.at, refused.error);
    return true;
  });
}

void Membership::dropPage(Instant at) {
  forgetCall();
  is_cut_ = false;
  socket_up_ = false;
  away_since_ = at;
  act(DropSocket{});
  enter(Phase::kAway, at, "the page is gone");
}

void Membership::goAway(Instant at) {
  forgetCall();
  away_since_ = at;
  ask(SignalRequest::kLeave);
  enter(Phase::kAway, at, "leaves for a while");
}

void Membership::stayAway(Instant at) {
  forgetCall();
  enter(Phase::kAway, at, "nobody is left");
}

void Membership::comeBack(Instant at, Entry::Reason reason) {
  if (!socket_up_) {
    is_back_ = !key_.empty();
    return begin(at, Entry::Reason::kAfterCut);
  }
  enterAgain(at, reason, "comes back");
  followEntry(at);
}

void Membership::fail(Instant at, const char* why) {
  reconnection_.giveUp();
  enter(Phase::kFailed, at, why);
}

void Membership::leave(Instant at) {
  refused_.clear();
  reconnection_.giveUp();
  if (!socket_up_)
    return gone(at, false);
  has_left_ = false;
  leave_by_ = at + plan_.deadlines.leave;
  enter(Phase::kLeaving, at, "the call is over");
  if (plan_.shape.kind == CallMode::kCall && !call_.empty())
    ask(SignalRequest::kHangUp, call_);
  else
    ask(SignalRequest::kLeave);
}

void Membership::goForGood(Instant at) {
  reconnection_.giveUp();
  leave_by_.reset();
  refused_.clear();
  enter(Phase::kGone, at, "the tab is closed");
}

void Membership::gone(Instant at, bool clean) {
  leave_by_.reset();
  reconnection_.giveUp();
  refused_.clear();
  enter(Phase::kGone, at, clean ? "left" : "left without an answer");
  tell(Gone{clean});
}

}  // namespace turnout
