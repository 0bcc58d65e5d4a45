#include "bots/signaling/app/signaling_app.h"

#include "bots/signaling/app/room_calls.h"

#include <algorithm>

namespace turnout {

MessageBudget::Verdict MessageBudget::spend(Instant at) {
  const double seconds = std::chrono::duration<double>(at - at_).count();
  left_ = std::min(options_.burst, left_ + seconds * options_.per_second) - 1;
  at_ = at;
  if (left_ >= 0)
    return Verdict::kWithin;
  return left_ > -options_.burst ? Verdict::kOver : Verdict::kFlooding;
}

SignalingApp::SignalingApp(SignalingAppOptions options)
    : options_(std::move(options)),
      shared_{Sessions({options_.grace, options_.max_held, options_.bugs,
                        options_.resume == SignalingAppOptions::Resume::kByKey}),
              {},
              {}},
      rooms_(shared_, options_.room_capacity),
      rings_(shared_, {options_.ring_timeout, options_.bugs}),
      matches_(shared_, options_.match_timeout) {}

SignalingApp::Outcome SignalingApp::onConnected(Instant at, const std::string& connection,
                                                Secret resume_key) {
  letFallDue(at - 1ns);
  shared_.stats.connections++;
  shared_.sessions.connected(connection, std::move(resume_key));
  budgets_.emplace(connection, MessageBudget(options_.budget, at));
  return finish("");
}

SignalingApp::Outcome SignalingApp::onEvent(Instant at, const std::string& connection,
                                            const Event& event) {
  letFallDue(at - 1ns);
  shared_.stats.events++;
  const Answer answer = answerTo(at, connection, event);
  if (const auto* error = std::get_if<AppError>(&answer)) {
    shared_.stats.of(*error)++;
    return finish(refusalText(*error));
  }
  return finish(std::get<std::string>(answer));
}

Answer SignalingApp::answerTo(Instant at, const std::string& connection, const Event& event) {
  const auto* session = shared_.sessions.ofConnection(connection);
  if (!session)  // replaced, and not closed yet
    return AppError::kLateMessage;
  const auto spent = budgets_.at(connection).spend(at);
  if (spent == MessageBudget::Verdict::kFlooding) {
    shared_.stats.floods++;
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
  shared_.sessions.speaks(session->key);
  const std::string key = session->key;  // a copy: the session may end
  const JsonValue body = event.arguments.empty() ? JsonValue() : event.arguments[0];
  return (this->*handler)({at, connection, key, body});
}

SignalingApp::Outcome SignalingApp::onGone(Instant at, const std::string& connection, Gone how) {
  letFallDue(at - 1ns);
  budgets_.erase(connection);
  auto& count = how == Gone::kLost   ? shared_.stats.lost
                : how == Gone::kLeft ? shared_.stats.left
                                     : shared_.stats.closed;
  count++;
  if (const auto over = shared_.sessions.gone(at, connection, how))
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
    while (const auto over = shared_.sessions.takeExpired(due)) {
      shared_.stats.graces_expired++;
      endSession(due, *over, EndReason::kLost);
    }
  }
}

Instant SignalingApp::deadline() const {
  Instant first = shared_.sessions.deadline();
  for (const CallKind* kind : kinds_)
    first = std::min(first, kind->deadline());
  return first;
}

SignalingApp::Outcome SignalingApp::finish(std::string ack) {
  Outcome outcome{std::move(ack), std::move(shared_.outbox), std::move(closes_)};
  shared_.outbox.clear();
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
  shared_.sessions.forget(key);
}

AppCensus SignalingApp::census() const {
  const auto& sessions = shared_.sessions;
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
  for (const auto& [key, session] : shared_.sessions.all()) {
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
      if (partner == key || !shared_.sessions.contains(partner) || !place->holds(partner))
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

// What each event of a client does.

SignalingApp::Handler SignalingApp::handlerOf(std::string_view name) {
  struct Row {
    std::string_view event;
    Handler handler;
  };
  static constexpr Row kRows[] = {
      {"register", &SignalingApp::enroll},
      {"join", &SignalingApp::join},
      {"signal", &SignalingApp::signal},
      {"leave", &SignalingApp::leave},
      {"call", &SignalingApp::call},
      {"answer", &SignalingApp::answer},
      {"reject", &SignalingApp::reject},
      {"hang-up", &SignalingApp::hangUp},
      {"find-partner", &SignalingApp::findPartner},
      {"next-partner", &SignalingApp::nextPartner},
  };
  const auto* row = std::find_if(std::begin(kRows), std::end(kRows),
                                 [&](const Row& r) { return r.event == name; });
  return row != std::end(kRows) ? row->handler : nullptr;
}

Answer SignalingApp::enroll(const Request& request) {
  const auto user = request.body.stringOr("user", "");
  if (!isName(user))
    return AppError::kBadUser;
  if (placeOf(request.key))
    return AppError::kDoubleJoin;
  const auto page = request.body.stringOr("page", "");
  const auto result = shared_.sessions.enroll(request.connection,
                                              {.user = user,
                                               .page = isName(page) ? page : "",
                                               .resume_key = request.body.get("key").asString()});
  if (const auto* refused = std::get_if<AppError>(&result))
    return *refused;
  const auto* again = std::get_if<Sessions::Resumed>(&result);
  if (!again) {
    shared_.stats.registrations++;
    return enrolled(request.key, false);
  }
  for (CallKind* kind : kinds_)  // the session this connection began with is over
    kind->forget(request.key);
  resumed(request.at, request.connection, *again);
  return enrolled(again->key, true);
}

std::string SignalingApp::enrolled(const std::string& key, bool was_resumed) const {
  const auto& session = shared_.sessions.at(key);
  return JsonWriter()
      .beginObject()
      .field("ok", true)
      .field("id", session.address)
      .field("user", session.user)
      .field("key", session.resume_key.reveal())
      .field("resumed", was_resumed)
      .field("grace_ms", toMs(options_.grace))
      .endObject()
      .take();
}

void SignalingApp::resumed(Instant at, const std::string& connection,
                           const Sessions::Resumed& resumed) {
  shared_.stats.resumptions++;
  if (resumed.replaced) {
    shared_.stats.replaced++;
    shared_.outbox.push_back({*resumed.replaced, "replaced", "{}"});
    closes_.push_back({*resumed.replaced, "replaced"});
    budgets_.erase(*resumed.replaced);
  }
  JsonWriter back, news;
  back.beginObject();
  CallKind* place = placeOf(resumed.key);
  if (place)
    place->describe(resumed.key, back);
  else
    back.field("kind", "none");
  shared_.outbox.push_back({connection, "reconnected", back.endObject().take()});
  if (!place)
    return;
  const auto& session = shared_.sessions.at(resumed.key);
  news.beginObject().field("id", session.address).field("was", resumed.was);
  writeUser(news, session);
  news.endObject();
  for (const auto& partner : place->partnersOf(resumed.key))
    shared_.notify(partner, "peer-reconnected", news.text());
  place->onResumed(at, resumed.key);
}

Answer SignalingApp::join(const Request& request) {
  if (placeOf(request.key))
    return AppError::kDoubleJoin;
  return rooms_.join(request.key, request.body);
}

Answer SignalingApp::signal(const Request& request) {
  const CallKind* place = placeOf(request.key);
  if (!place || matches_.isWaiting(request.key))
    return shared_.sessions.at(request.key).has_held_place ? AppError::kLateMessage
                                                           : AppError::kNotJoined;
  if (!place->maySignal(request.key))
    return AppError::kNotAnswered;
  const auto to = request.body.stringOr("to", "");
  const auto partners = place->partnersOf(request.key);
  const auto partner = std::find_if(partners.begin(), partners.end(), [&](const std::string& key) {
    return shared_.sessions.at(key).address == to;
  });
  if (partner == partners.end())
    return AppError::kStalePeer;
  if (!shared_.sessions.isReachable(shared_.sessions.at(*partner)))
    return AppError::kGhostSession;
  const auto data = request.body.get("data");
  if (!data.isObject())
    return AppError::kBadSignal;
  relay(request.key, *partner, data);
  return okText();
}

void SignalingApp::relay(const std::string& from, const std::string& to, const JsonValue& data) {
  shared_.stats.signals++;
  JsonWriter json;
  json.beginObject().field("from", shared_.sessions.at(from).address).key("data").raw(data.text());
  json.endObject();
  shared_.notify(to, "signal", json.text());
  // Planted bug: as by a server with two listeners for one event.
  if (options_.bugs.contains(PlantedBug::kDuplicateCandidates) && data.get("candidate").isPresent())
    shared_.notify(to, "signal", json.text());
}

Answer SignalingApp::leave(const Request& request) {
  leavePlace(request.at, request.key, EndReason::kLeft);
  return okText();
}

Answer SignalingApp::call(const Request& request) {
  if (shared_.sessions.at(request.key).phase != Sessions::Phase::kNamed)
    return AppError::kNotRegistered;
  const auto name = request.body.stringOr("to", "");
  if (!isName(name))
    return AppError::kBadUser;
  const auto* to = shared_.sessions.named(name);
  if (!to)
    return AppError::kNoSuchUser;
  if (to->key == request.key)
    return AppError::kSelfCall;
  if (placeOf(request.key) || placeOf(to->key))
    return AppError::kBusy;
  if (!shared_.sessions.isReachable(*to))
    return AppError::kGhostSession;
  return rings_.call(request.at, request.key, *to);
}

Answer SignalingApp::answer(const Request& request) {
  return rings_.answer(request.key, request.body);
}

Answer SignalingApp::reject(const Request& request) {
  return rings_.reject(request.key, request.body);
}

Answer SignalingApp::hangUp(const Request& request) {
  return rings_.hangUp(request.key, request.body);
}

Answer SignalingApp::findPartner(const Request& request) {
  return seekPartner(request, EndReason::kLeft);
}

Answer SignalingApp::nextPartner(const Request& request) {
  return seekPartner(request, EndReason::kNextPartner);
}

Answer SignalingApp::seekPartner(const Request& request, EndReason why_leave) {
  const std::string& key = request.key;
  const std::string pool = request.body.stringOr("pool", "");
  if (!pool.empty() && !isName(pool))
    return AppError::kBadRoom;
  const bool must_leave = placeOf(key) && !matches_.isWaiting(key);
  if (must_leave)
    leavePlace(request.at, key, why_leave);
  if (placeOf(key) && !matches_.isWaiting(key))
    return AppError::kDoubleJoin;
  if (must_leave && why_leave == EndReason::kLeft)
    shared_.stats.cleanups++;
  if (const auto user = request.body.stringOr("user", ""); isName(user))
    shared_.sessions.introduce(key, user);
  matches_.find(request.at, key, pool);
  return JsonWriter()
      .beginObject()
      .field("ok", true)
      .field("cleaned", must_leave)
      .endObject()
      .take();
}

}  // namespace turnout
