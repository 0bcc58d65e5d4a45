// What each event of a client does.
#include "bots/signaling/app/names.h"
#include "bots/signaling/app/signaling_app.h"

#include <algorithm>

namespace turnout {

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
  const auto result =
      desk_.sessions.enroll(request.connection, {.user = user,
                                                 .page = isName(page) ? page : "",
                                                 .resume_key = request.body.get("key").asString()});
  if (const auto* refused = std::get_if<AppError>(&result))
    return *refused;
  const auto* again = std::get_if<Sessions::Resumed>(&result);
  if (!again) {
    desk_.stats.registrations++;
    return enrolled(request.key, false);
  }
  for (CallKind* kind : kinds_)  // the session this connection began with is over
    kind->forget(request.key);
  resumed(request.at, request.connection, *again);
  return enrolled(again->key, true);
}

std::string SignalingApp::enrolled(const std::string& key, bool was_resumed) const {
  const auto& session = desk_.sessions.at(key);
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
  desk_.stats.resumptions++;
  if (resumed.replaced) {
    desk_.stats.replaced++;
    desk_.outbox.push_back({*resumed.replaced, "replaced", "{}"});
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
  desk_.outbox.push_back({connection, "reconnected", back.endObject().take()});
  if (!place)
    return;
  const auto& session = desk_.sessions.at(resumed.key);
  news.beginObject().field("id", session.address).field("was", resumed.was);
  writeUser(news, session);
  news.endObject();
  for (const auto& partner : place->partnersOf(resumed.key))
    desk_.tell(partner, "peer-reconnected", news.text());
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
    return desk_.sessions.at(request.key).has_held_place ? AppError::kLateMessage
                                                         : AppError::kNotJoined;
  if (!place->maySignal(request.key))
    return AppError::kNotAnswered;
  const auto to = request.body.stringOr("to", "");
  const auto partners = place->partnersOf(request.key);
  const auto partner = std::find_if(partners.begin(), partners.end(), [&](const std::string& key) {
    return desk_.sessions.at(key).address == to;
  });
  if (partner == partners.end())
    return AppError::kStalePeer;
  if (!desk_.sessions.isReachable(desk_.sessions.at(*partner)))
    return AppError::kGhostSession;
  const auto data = request.body.get("data");
  if (!data.isObject())
    return AppError::kBadSignal;
  relay(request.key, *partner, data);
  return okText();
}

void SignalingApp::relay(const std::string& from, const std::string& to, const JsonValue& data) {
  desk_.stats.signals++;
  JsonWriter json;
  json.beginObject().field("from", desk_.sessions.at(from).address).key("data").raw(data.text());
  json.endObject();
  desk_.tell(to, "signal", json.text());
  // Planted bug: as by a server with two listeners for one event.
  if (options_.bugs.contains(PlantedBug::kDuplicateCandidates) && data.get("candidate").isPresent())
    desk_.tell(to, "signal", json.text());
}

Answer SignalingApp::leave(const Request& request) {
  leavePlace(request.at, request.key, EndReason::kLeft);
  return okText();
}

Answer SignalingApp::call(const Request& request) {
  if (desk_.sessions.at(request.key).phase != Sessions::Phase::kNamed)
    return AppError::kNotRegistered;
  const auto name = request.body.stringOr("to", "");
  if (!isName(name))
    return AppError::kBadUser;
  const auto* to = desk_.sessions.named(name);
  if (!to)
    return AppError::kNoSuchUser;
  if (to->key == request.key)
    return AppError::kSelfCall;
  if (placeOf(request.key) || placeOf(to->key))
    return AppError::kBusy;
  if (!desk_.sessions.isReachable(*to))
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
    desk_.stats.cleanups++;
  if (const auto user = request.body.stringOr("user", ""); isName(user))
    desk_.sessions.introduce(key, user);
  matches_.find(request.at, key, pool);
  return JsonWriter()
      .beginObject()
      .field("ok", true)
      .field("cleaned", must_leave)
      .endObject()
      .take();
}

}  // namespace turnout
