#include "bots/attempt/entry.h"

#include "pipelines/base/log.h"

#include <algorithm>
#include <array>

namespace turnout {
namespace {

constexpr Duration kRetryAfter = 500ms;     // docs/PROTOCOL.md
constexpr Duration kLookAgainAfter = 20ms;  // for a bot, which comes at the same time
constexpr Duration kLookAgainForGuestAfter = 200ms;

constexpr std::array kEntryPhases{"connecting", "registering", "asking",
                                  "waiting",    "in",          "refused"};

// Somebody is not here yet; or we are here twice, for a moment.
bool isAbsence(Refusal refusal) {
  return refusal == Refusal::kNoSuchUser || refusal == Refusal::kGone;
}
bool isLeftover(Refusal refusal) {
  return refusal == Refusal::kAlreadyActive || refusal == Refusal::kAlreadyIn ||
         refusal == Refusal::kBusy;
}

}  // namespace

Entry::Entry(Plan plan, Reason reason, Instant until)
    : plan_(std::move(plan)), reason_(reason), until_(until) {}

Entry Entry::again(const Entry& before, Reason reason, Instant at) {
  Entry entry(before.plan_, reason, at + before.plan_.deadlines.join);
  entry.is_again_ = true;
  entry.begin(at);
  return entry;
}

// Who was outside for a while is the one who calls again.
bool Entry::isCaller() const {
  if (reason_ == Reason::kCalled)
    return false;
  return plan_.participants.isCaller(plan_.bot) || reason_ != Reason::kFirst;
}

void Entry::ask(SignalRequest request, std::string text) {
  last_asked_ = {request, std::move(text)};
  asks_.push_back(last_asked_);
}

void Entry::begin(Instant at) {
  enter(Phase::kAsking, at, "registered");
  switch (plan_.shape.kind) {
    case CallMode::kRoom:
      return ask(SignalRequest::kJoin, plan_.room);
    case CallMode::kCall:
      if (isCaller())
        return ask(SignalRequest::kCall, plan_.participants.otherName(plan_.bot));
      wait(at, "is called");
      if (plan_.shape.guests == 0)  // bots call at once
        until_ = at + plan_.deadlines.connect;
      return;
    case CallMode::kMatch:
      return ask(SignalRequest::kFindPartner, plan_.pool);
  }
}

void Entry::enter(Phase phase, Instant, const char* why) {
  logPhase("entry", kEntryPhases.at(static_cast<std::size_t>(phase_)),
           kEntryPhases.at(static_cast<std::size_t>(phase)), why);
  phase_ = phase;
  TURNOUT_DCHECK(isConsistent(), why);
}

bool Entry::isConsistent() const {
  const bool is_over = phase_ == Phase::kIn || phase_ == Phase::kRefused;
  if (answer_at_ && (phase_ != Phase::kWaiting || call_.empty()))
    return false;
  return is_over ? !retry_at_ && !answer_at_ : peers_.empty();
}

void Entry::wait(Instant at, const char* why) {
  waiting_since_ = at;
  until_ = at + plan_.deadlines.wait;
  enter(Phase::kWaiting, at, why);
}

void Entry::getIn(Instant at, std::vector<Peer> peers, const char* why) {
  peers_ = std::move(peers);
  retry_at_.reset();
  answer_at_.reset();
  enter(Phase::kIn, at, why);
}

void Entry::enterTwo(Instant at, const RoomPeer& peer, bool we_offer, const std::string& call) {
  waited_ = waiting_since_ ? at - *waiting_since_ : Duration::zero();
  call_ = call;
  getIn(at, {peerOf(peer, we_offer)}, "answered or matched");
}

void Entry::onSignal(const SignalEvent& event) {
  const Instant at = event.at;
  const auto on_registered = [&](const SignalRegistered& registered) {
    if (phase_ != Phase::kRegistering || registered.resumed)
      return;  // resumed: SignalBack says what comes next
    if (plan_.shape.kind != CallMode::kRoom)
      note(at, BotJoined{});
    begin(at);
  };
  const auto on_joined = [&](const SignalJoined& joined) {
    std::vector<Peer> present;
    for (const RoomPeer& peer : joined.peers)
      present.push_back(peerOf(peer, true));
    note(at, BotJoined{static_cast<int>(present.size())});
    getIn(at, std::move(present), "joined");
  };
  const auto on_incoming = [&](const SignalIncoming& incoming) {
    if (phase_ != Phase::kWaiting && phase_ != Phase::kAsking)
      return;
    const auto since = plan_.shape.guests > 0 ? waiting_since_ : std::nullopt;
    answer_at_.reset();
    wait(at, "it rings");
    waiting_since_ = since.value_or(at);  // a guest calls when it likes
    note(at, CallRang{});
    call_ = incoming.call;
    answer_at_ = at + plan_.shape.answer_after;
  };
  const auto on_answered = [&](const SignalAnswered& answered) {
    enterTwo(at, answered.peer, answered.initiator, answered.call);
    note(at, CallAnswered{toMs(waited_), answered.initiator});
  };
  const auto on_matched = [&](const SignalMatched& matched) {
    enterTwo(at, matched.peer, matched.initiator, matched.call);
    note(at, PartnerMatched{toMs(waited_), matched.initiator, matched.peer.user});
  };
  const auto on_over = [&](const SignalCallOver& over) {
    if (phase_ == Phase::kWaiting && over.call == call_)
      refuse(at, FailureCause::kNotAnswered, over.reason);
  };
  const auto on_ringing = [&](const SignalRinging& ringing) {
    if (phase_ != Phase::kAsking)  // the answer can be quicker than the word that it rings
      return;
    wait(at, "rings there");
    call_ = ringing.call;
  };
  const auto on_queued = [&] {
    if (phase_ == Phase::kAsking)
      wait(at, "in the queue");
  };
  std::visit(Overloaded{[&](const SignalConnected&) {
                          enter(Phase::kRegistering, at, "connected");
                          ask(SignalRequest::kRegister, plan_.participants.botName(plan_.bot));
                        },
                        on_registered, [&](const SignalBack& back) { comeBack(at, back); },
                        on_joined, on_ringing, on_incoming, on_answered,
                        [&](const SignalQueued&) { on_queued(); }, on_matched,
                        [&](const SignalNoPartner&) {
                          note(at, SessionError{"match_timeout", "find-partner"});
                          refuse(at, FailureCause::kNoPartner, "the server knew nobody in time");
                        },
                        on_over, [&](const SignalRefused& refused) { onRefused(at, refused); },
                        [](const auto&) {}},
             event.body);
}

void Entry::comeBack(Instant at, const SignalBack& back) {
  using Place = SignalBack::Place;
  switch (back.place) {
    case Place::kNothing:
      return begin(at);
    case Place::kQueue:
      return wait(at, "still in the queue");
    case Place::kRinging:
      call_ = back.call;
      wait(at, "it rings still");
      if (!back.initiator)
        answer_at_ = at;
      return;
    case Place::kRoom:
    case Place::kCall:
    case Place::kMatch:
      break;
  }
  std::vector<Peer> peers;
  for (const RoomPeer& peer : back.peers)
    peers.push_back(peerOf(peer, true));  // who came back offers
  call_ = back.call;
  getIn(at, std::move(peers), "back in it");
}

void Entry::onRefused(Instant at, const SignalRefused& refused) {
  if (phase_ == Phase::kIn || phase_ == Phase::kRefused ||
      refused.request == SignalRequest::kSignal)
    return;
  if (phase_ == Phase::kWaiting && refused.request == SignalRequest::kCall)
    return;  // two called each other, and the other's call came first
  if (!isAbsence(refused.refusal))
    note(at, SessionError{refused.error, toString(refused.request)});
  if (reason_ != Reason::kFirst && isLeftover(refused.refusal) && !has_retried_)
    note(at, AppFaultSeen{refused.refusal == Refusal::kAlreadyActive ? AppFault::kSessionActive
                                                                     : AppFault::kNotCleanedUp,
                          refused.error});
  if (!retriesLater(at, refused))
    refuse(at, FailureCause::kJoinRejected, refused.inWords());
}

bool Entry::retriesLater(Instant at, const SignalRefused& refused) {
  if (isAbsence(refused.refusal)) {
    retry_at_ = at + (plan_.shape.guests > 0 ? kLookAgainForGuestAfter : kLookAgainAfter);
    return true;
  }
  if (!isLeftover(refused.refusal) || std::exchange(has_retried_, true))
    return false;
  retry_at_ = at + kRetryAfter;
  return true;
}

void Entry::refuse(Instant at, FailureCause cause, const std::string& detail) {
  failure_ = {cause, detail};
  retry_at_.reset();
  answer_at_.reset();
  enter(Phase::kRefused, at, detail.c_str());
}

std::optional<Instant> Entry::due() const {
  if (phase_ == Phase::kIn || phase_ == Phase::kRefused)
    return std::nullopt;
  return std::min({until_, retry_at_.value_or(until_), answer_at_.value_or(until_)});
}

void Entry::onSocketLost(Instant at) {
  retry_at_.reset();
  answer_at_.reset();
  enter(Phase::kConnecting, at, "the socket is lost");
}

void Entry::onTime(Instant at) {
  if (phase_ == Phase::kIn || phase_ == Phase::kRefused)
    return;
  if (retry_at_ && *retry_at_ <= at) {
    retry_at_.reset();
    asks_.push_back(last_asked_);
  }
  if (answer_at_ && *answer_at_ <= at) {
    answer_at_.reset();
    ask(SignalRequest::kAnswer, call_);
  }
  if (until_ > at)
    return;
  if (phase_ != Phase::kWaiting)
    refuse(at, FailureCause::kJoinTimeout, "not in before the join deadline");
  else if (plan_.shape.kind == CallMode::kMatch)
    refuse(at, FailureCause::kNoPartner, "nobody came before the wait deadline");
  else if (call_.empty())
    refuse(at, FailureCause::kPeerMissing, "nobody called");
  else
    refuse(at, FailureCause::kNotAnswered, "nobody answered before the wait deadline");
}

}  // namespace turnout
