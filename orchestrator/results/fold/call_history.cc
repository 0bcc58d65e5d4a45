#include "orchestrator/results/fold/call_history.h"

#include <string>

namespace turnout {
namespace {

template <class Body>
auto placeOf(const Told<Body>& told) {
  return std::tuple(told.at, told.bot, told.peer, told.round);
}

template <class Body>
std::string lineOf(const Told<Body>& told) {
  return eventLine({told.at, 0, told.bot, told.peer, told.body, told.round});
}

// Several of one place in time stand in the order of their lines; the same line counts once.
template <class Body>
void insert(std::vector<Told<Body>>& list, Told<Body> told) {
  auto before = std::ranges::lower_bound(list, placeOf(told), {}, placeOf<Body>);
  for (; before != list.end() && placeOf(*before) == placeOf(told); ++before) {
    const std::string line = lineOf(told), other = lineOf(*before);
    if (line == other)
      return;
    if (line < other)
      break;
  }
  list.insert(before, std::move(told));
}

template <class Body>
Duration waited(const Told<Body>& told) {
  return durationOfMs(std::max(0.0, told.body.waited_ms));
}

// Both ends tell of an answer; the caller's word counts, where the caller is a bot of ours.
const Told<CallAnswered>* firstAnswer(const CallHistory& history) {
  const auto* by_caller = history.first<CallAnswered>(
      [](const Told<CallAnswered>& answer) { return answer.body.initiator; });
  const auto& answers = history.all<CallAnswered>();
  return by_caller || answers.empty() ? by_caller : &answers.front();
}

template <class Body>
WaitSpan spanUntil(const Told<Body>& end) {
  return {end.at - waited(end), end.at};
}

template <class Body>
WaitSpan openSpan(const std::vector<Told<Body>>& begins) {
  return begins.empty() ? WaitSpan{} : WaitSpan{begins.front().at, std::nullopt};
}

}  // namespace

template <class Body>
void CallHistory::keep(const Event& event, const Body& body) {
  if constexpr (decltype(told_)::template kHas<Body>)
    insert(std::get<std::vector<Told<Body>>>(told_.all),
           Told<Body>{event.at, event.bot, event.peer, event.round, body});
}

void CallHistory::add(const Event& event) {
  std::visit([&](const auto& body) { keep(event, body); }, event.body);
}

WaitSpan waitIn(const CallHistory& history, CallMode kind) {
  switch (kind) {
    case CallMode::kRoom: {
      const auto& guests = history.all<GuestCame>();
      return guests.empty() ? WaitSpan{} : spanUntil(guests.back());
    }
    case CallMode::kCall: {
      const auto* answer = firstAnswer(history);
      return answer ? spanUntil(*answer) : openSpan(history.all<CallRang>());
    }
    case CallMode::kMatch: {
      const auto& matches = history.all<PartnerMatched>();
      return matches.empty() ? openSpan(history.all<BotJoined>()) : spanUntil(matches.front());
    }
  }
  return {};
}

void count(const CallHistory& history, CallOutcome& outcome) {
  outcome.sockets_lost = static_cast<int>(history.all<SocketLost>().size());
  outcome.joins = static_cast<int>(history.all<BotJoined>().size());
  outcome.rings = static_cast<int>(history.all<CallRang>().size());
  outcome.matches = static_cast<int>(history.all<PartnerMatched>().size());
  int by_caller = 0, by_callee = 0;
  for (const auto& answer : history.all<CallAnswered>())
    (answer.body.initiator ? by_caller : by_callee)++;
  outcome.answered = std::max(by_caller, by_callee);
  for (const auto& left : history.all<PartnerLeft>())
    outcome.partner_left[left.body.reason]++;
  for (const auto& recovered : history.all<LinkRecovered>())
    outcome.recovered_by[recovered.body.rung]++;
  for (const auto& error : history.all<SessionError>())
    outcome.session_errors[error.body.error]++;
  for (const auto& seen : history.all<AppFaultSeen>()) {
    FaultSeen& fault = outcome.app_faults[seen.body.fault];
    if (fault.times++ == 0)
      fault.detail = seen.body.detail;
  }
}

}  // namespace turnout
