#include "bots/signaling/app/signaling_app.h"

#include "bots/signaling/app/names.h"

#include <algorithm>

namespace turnout {

SignalingApp::SignalingApp(SignalingAppOptions options)
    : options_(std::move(options)),
      desk_{Sessions({options_.grace, options_.max_held, options_.bugs}), {}, {}},
      rooms_(desk_, options_.room_capacity),
      rings_(desk_, {options_.ring_timeout, options_.bugs}),
      matches_(desk_, options_.match_timeout) {}

SignalingApp::Outcome SignalingApp::onConnected(Instant at, const std::string& connection,
                                                Secret resume_key) {
  letFallDue(at - 1ns);
  desk_.stats.connections++;
  desk_.sessions.connected(connection, std::move(resume_key));
  budgets_.emplace(connection, MessageBudget(options_.budget, at));
  return finish("");
}

SignalingApp::Outcome SignalingApp::onEvent(Instant at, const std::string& connection,
                                            const Event& event) {
  letFallDue(at - 1ns);
  desk_.stats.events++;
  const Answer answer = answerTo(at, connection, event);
  if (const auto* error = std::get_if<AppError>(&answer)) {
    desk_.stats.of(*error)++;
    return finish(refusalText(*error));
  }
  return finish(std::get<std::string>(answer));
}

Answer SignalingApp::answerTo(Instant at, const std::string& connection, const Event& event) {
  const auto* session = desk_.sessions.ofConnection(connection);
  if (!session)  // replaced, and not closed yet
    return AppError::kLateMessage;
  const auto spent = budgets_.at(connection).spend(at);
  if (spent == MessageBudget::Verdict::kFlooding) {
    desk_.stats.floods++;
    closes_.push_back({connection, "too many messages"});
  }
  if (spent != MessageBudget::Verdict::kWithin)
    return AppError::kRateLimited;
  if (event.size > options_.max_message)
    return AppError::kEventTooLarge;
  if (event.content == Content::kBinary)
    return AppError::kBinaryNotSupported;
  const Handler handler = handlerOf(event.name);
  if (!handler)
    return AppError::kUnknownEvent;
  const std::string key = session->key;  // a copy: the session may end
  const JsonValue body = event.arguments.empty() ? JsonValue() : event.arguments[0];
  return (this->*handler)({at, connection, key, body});
}

SignalingApp::Outcome SignalingApp::onGone(Instant at, const std::string& connection, Gone how) {
  letFallDue(at - 1ns);
  budgets_.erase(connection);
  auto& count = how == Gone::kLost   ? desk_.stats.lost
                : how == Gone::kLeft ? desk_.stats.left
                                     : desk_.stats.closed;
  count++;
  if (const auto over = desk_.sessions.gone(at, connection, how))
    endSession(at, *over, how == Gone::kLost ? EndReason::kLost : EndReason::kLeft);
  return finish("");
}

SignalingApp::Outcome SignalingApp::onTime(Instant at) {
  letFallDue(at);
  return finish("");
}

// In order of time, however late the caller is.
void SignalingApp::letFallDue(Instant at) {
  for (Instant due = deadline(); due <= at; due = deadline()) {
    for (CallKind* kind : kinds_)
      kind->onTime(due);
    while (const auto over = desk_.sessions.takeExpired(due)) {
      desk_.stats.graces_expired++;
      endSession(due, *over, EndReason::kLost);
    }
  }
}

Instant SignalingApp::deadline() const {
  Instant first = desk_.sessions.deadline();
  for (const CallKind* kind : kinds_)
    first = std::min(first, kind->deadline());
  return first;
}

SignalingApp::Outcome SignalingApp::finish(std::string ack) {
  Outcome outcome{std::move(ack), std::move(desk_.outbox), std::move(closes_)};
  desk_.outbox.clear();
  closes_.clear();
  return outcome;
}

CallKind* SignalingApp::placeOf(const std::string& key) const {
  for (CallKind* kind : kinds_)
    if (kind->holds(key))
      return kind;
  return nullptr;
}

void SignalingApp::leavePlace(Instant at, const std::string& key, EndReason why) {
  // Planted bug: the client is told that it left, and nothing else happens.
  if (options_.bugs.contains(PlantedBug::kKeepRoom))
    return;
  if (CallKind* place = placeOf(key))
    place->vacate(at, key, why);
}

void SignalingApp::endSession(Instant at, const std::string& key, EndReason why) {
  if (CallKind* place = placeOf(key))
    place->vacate(at, key, why);
  for (CallKind* kind : kinds_)
    kind->forget(key);
  desk_.sessions.forget(key);
}

AppCensus SignalingApp::census() const {
  const auto& sessions = desk_.sessions;
  const auto& ringing = rings_.ringing();
  const auto& matchmaker = matches_.matchmaker();
  return {.connections = sessions.connectionCount(),
          .sessions = sessions.count(),
          .named = sessions.namedCount(),
          .held = sessions.heldCount(),
          .rooms = rooms_.rooms().roomCount(),
          .members = rooms_.rooms().memberCount(),
          .ringing = ringing.count(Ringing::Phase::kRinging),
          .active = ringing.count(Ringing::Phase::kActive),
          .waiting = matchmaker.waitingCount(),
          .matches = matchmaker.matchCount(),
          .memories = ringing.memoryCount() + matchmaker.memoryCount()};
}

bool SignalingApp::isConsistent() const {
  std::size_t holding = 0, waiting_here = 0;
  for (const auto& [key, session] : desk_.sessions.all()) {
    const auto held_by =
        std::count_if(kinds_.begin(), kinds_.end(),
                      [&who = key](const CallKind* kind) { return kind->holds(who); });
    if (held_by > 1)
      return false;
    if (held_by == 0)
      continue;
    holding++;
    if (matches_.isWaiting(key) && session.phase != Sessions::Phase::kHeld)
      waiting_here++;
    const CallKind* place = placeOf(key);
    for (const auto& partner : place->partnersOf(key)) {
      if (partner == key || !desk_.sessions.contains(partner) || !place->holds(partner))
        return false;
      const auto back = place->partnersOf(partner);
      if (std::count(back.begin(), back.end(), key) != 1)
        return false;
    }
  }
  const AppCensus now = census();
  const bool nobody_is_forgotten =
      holding == now.members + 2 * (now.ringing + now.active + now.matches) + now.waiting;
  return nobody_is_forgotten && waiting_here <= 1 && budgets_.size() == now.connections;
}

}  // namespace turnout
