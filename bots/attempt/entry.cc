#include "bots/attempt/entry.h"

#include <algorithm>

namespace turnout {
namespace {

constexpr Duration kRetryAfter = 500ms;     // docs/PROTOCOL.md
constexpr Duration kLookAgainAfter = 20ms;  // for a bot, which comes at the same time
constexpr Duration kLookAgainForGuestAfter = 200ms;

bool isOneOf(const std::string& word, std::initializer_list<const char*> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

Entry::Entry(Plan plan, Way way, Instant until)
    : plan_(std::move(plan)), way_(way), until_(until) {}

Entry Entry::again(const Entry& before, Way way, Instant at) {
  Entry entry(before.plan_, way, at + before.plan_.deadlines.join);
  entry.is_again_ = true;
  entry.begin(at);
  return entry;
}

// Who was outside for a while is the one who calls again.
bool Entry::isCaller() const {
  if (way_ == Way::kCalled)
    return false;
  return plan_.cast.isCaller(plan_.bot) || way_ != Way::kFirst;
}

void Entry::ask(SignalRequest request, std::string text) {
  last_asked_ = {request, std::move(text)};
  asks_.push_back(last_asked_);
}

void Entry::begin(Instant at) {
  phase_ = Phase::kAsking;
  switch (plan_.shape.kind) {
    case CallMode::kRoom:
      return ask(SignalRequest::kJoin, plan_.room);
    case CallMode::kCall:
      if (isCaller())
        return ask(SignalRequest::kCall, plan_.cast.otherName(plan_.bot));
      wait(at);
      if (plan_.shape.guests == 0)  // bots call at once
        until_ = at + plan_.deadlines.connect;
      return;
    case CallMode::kMatch:
      return ask(SignalRequest::kFindPartner, plan_.pool);
  }
}

void Entry::wait(Instant at) {
  phase_ = Phase::kWaiting;
  waiting_since_ = at;
  until_ = at + plan_.deadlines.wait;
}

void Entry::enter(std::vector<Neighbour> neighbours) {
  phase_ = Phase::kIn;
  neighbours_ = std::move(neighbours);
  retry_at_.reset();
  answer_at_.reset();
}

void Entry::enterTwo(Instant at, const RoomPeer& peer, bool we_offer, const std::string& call) {
  waited_ = waiting_since_ ? at - *waiting_since_ : Duration::zero();
  call_ = call;
  enter({neighbour(peer, we_offer)});
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
    std::vector<Neighbour> present;
    for (const RoomPeer& peer : joined.peers)
      present.push_back(neighbour(peer, true));
    note(at, BotJoined{static_cast<int>(present.size())});
    enter(std::move(present));
  };
  const auto on_incoming = [&](const SignalIncoming& incoming) {
    if (phase_ != Phase::kWaiting && phase_ != Phase::kAsking)
      return;
    const auto since = plan_.shape.guests > 0 ? waiting_since_ : std::nullopt;
    wait(at);
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
      refuse(FailureCause::kNotAnswered, over.reason);
  };
  const auto on_ringing = [&](const SignalRinging& ringing) {
    if (phase_ != Phase::kAsking)  // the answer can be quicker than the word that it rings
      return;
    wait(at);
    call_ = ringing.call;
  };
  const auto on_queued = [&] {
    if (phase_ == Phase::kAsking)
      wait(at);
  };
  std::visit(Overloaded{[&](const SignalConnected&) {
                          phase_ = Phase::kRegistering;
                          ask(SignalRequest::kRegister, plan_.cast.botName(plan_.bot));
                        },
                        on_registered, [&](const SignalBack& back) { comeBack(at, back); },
                        on_joined, on_ringing, on_incoming, on_answered,
                        [&](const SignalQueued&) { on_queued(); }, on_matched,
                        [&](const SignalNoPartner&) {
                          note(at, SessionError{"match_timeout", "find-partner"});
                          refuse(FailureCause::kNoPartner, "the server knew nobody in time");
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
      return wait(at);
    case Place::kRinging:
      call_ = back.call;
      wait(at);
      if (!back.initiator)
        answer_at_ = at;
      return;
    case Place::kRoom:
    case Place::kCall:
    case Place::kMatch:
      break;
  }
  std::vector<Neighbour> neighbours;
  for (const RoomPeer& peer : back.peers)
    neighbours.push_back(neighbour(peer, true));  // who came back offers
  call_ = back.call;
  enter(std::move(neighbours));
}

void Entry::onRefused(Instant at, const SignalRefused& refused) {
  if (phase_ == Phase::kIn || phase_ == Phase::kRefused ||
      refused.request == SignalRequest::kSignal)
    return;
  if (phase_ == Phase::kWaiting && refused.request == SignalRequest::kCall)
    return;  // two called each other, and the other's call came first
  if (!isOneOf(refused.error, {"no_such_user"}))
    note(at, SessionError{refused.error, toString(refused.request)});
  if (way_ != Way::kFirst && isOneOf(refused.error, {"session_active", "double_join", "busy"}) &&
      !has_retried_)
    note(at, AppFaultSeen{refused.error == "session_active" ? AppFault::kSessionActive
                                                            : AppFault::kNotCleanedUp,
                          refused.error});
  if (!retriesLater(at, refused))
    refuse(FailureCause::kJoinRejected, refused.error);
}

bool Entry::retriesLater(Instant at, const SignalRefused& refused) {
  if (isOneOf(refused.error, {"no_such_user", "ghost_session"})) {
    retry_at_ = at + (plan_.shape.guests > 0 ? kLookAgainForGuestAfter : kLookAgainAfter);
    return true;
  }
  if (!isOneOf(refused.error, {"double_join", "session_active", "busy"}) ||
      std::exchange(has_retried_, true))
    return false;
  retry_at_ = at + kRetryAfter;
  return true;
}

void Entry::refuse(FailureCause cause, const std::string& detail) {
  phase_ = Phase::kRefused;
  refusal_ = {cause, detail};
}

std::optional<Instant> Entry::due() const {
  if (phase_ == Phase::kIn || phase_ == Phase::kRefused)
    return std::nullopt;
  return std::min({until_, retry_at_.value_or(until_), answer_at_.value_or(until_)});
}

void Entry::onSocketLost() {
  phase_ = Phase::kConnecting;
  retry_at_.reset();
  answer_at_.reset();
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
    refuse(FailureCause::kJoinTimeout, "not in before the join deadline");
  else if (plan_.shape.kind == CallMode::kMatch)
    refuse(FailureCause::kNoPartner, "nobody came before the wait deadline");
  else if (call_.empty())
    refuse(FailureCause::kPeerMissing, "nobody called");
  else
    refuse(FailureCause::kNotAnswered, "nobody answered before the wait deadline");
}

}  // namespace turnout
