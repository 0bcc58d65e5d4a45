#include "bots/signaling/app/ring_calls.h"

namespace turnout {
namespace {

std::string idIn(const JsonValue& request) {
  return request.stringOr("call", "");
}

}  // namespace

Answer RingCalls::call(Instant at, const std::string& key, const Sessions::Session& to) {
  const auto call = ringing_.ring(at, key, to.key);
  const auto& caller = shared_.sessions.at(key);
  shared_.stats.calls++;
  shared_.sessions.holdsPlace(key);
  shared_.sessions.holdsPlace(to.key);
  JsonWriter incoming, ack;
  incoming.beginObject().field("call", call.id).key("from");
  writePeer(incoming, caller);
  shared_.notify(to.key, "incoming-call", incoming.endObject().take());
  return ack.beginObject().field("ok", true).field("call", call.id).endObject().take();
}

Answer RingCalls::answer(const std::string& key, const JsonValue& request) {
  const auto result = ringing_.answer(key, idIn(request));
  if (const auto* refused = std::get_if<AppError>(&result))
    return *refused;
  const auto& call = std::get<Ringing::Call>(result);
  shared_.stats.answers++;
  JsonWriter accepted, ack;
  accepted.beginObject();
  writeSide(accepted, sideOf(call, call.caller));
  shared_.notify(call.caller, "call-accepted", accepted.endObject().take());
  ack.beginObject().field("ok", true);
  writeSide(ack, sideOf(call, key));
  return ack.endObject().take();
}

Answer RingCalls::reject(const std::string& key, const JsonValue& request) {
  const bool is_busy = request.stringOr("reason", "") == toString(EndReason::kBusy);
  return finish(
      ringing_.reject(key, idIn(request), is_busy ? EndReason::kBusy : EndReason::kRejected), key);
}

Answer RingCalls::hangUp(const std::string& key, const JsonValue& request) {
  auto result = ringing_.hangUp(key, idIn(request));
  // Both hung up at once, or the other one was first: what was asked for has happened.
  if (const auto* refused = std::get_if<AppError>(&result);
      refused && *refused == AppError::kLateMessage)
    return okText();
  return finish(result, key);
}

Answer RingCalls::finish(const Ringing::EndedOr& result, const std::string& key) {
  if (const auto* refused = std::get_if<AppError>(&result))
    return *refused;
  const auto& ended = std::get<Ringing::Ended>(result);
  shared_.stats.of(ended.reason)++;
  notifyEnded(ended, ended.call.other(key));
  return okText();
}

std::vector<std::string> RingCalls::partnersOf(const std::string& key) const {
  return {ringing_.of(key)->other(key)};
}

bool RingCalls::maySignal(const std::string& key) const {
  return ringing_.of(key)->phase == Ringing::Phase::kActive;
}

void RingCalls::describe(const std::string& key, JsonWriter& json) const {
  const auto& call = *ringing_.of(key);
  json.field("kind", "call").field("phase", toString(call.phase));
  writeSide(json, sideOf(call, key));
}

void RingCalls::vacate(Instant, const std::string& key, EndReason why) {
  if (const auto ended = ringing_.drop(key, why)) {
    shared_.stats.of(ended->reason)++;
    notifyEnded(*ended, ended->call.other(key));
  }
}

void RingCalls::onTime(Instant at) {
  while (const auto ended = ringing_.takeExpired(at)) {
    shared_.stats.of(ended->reason)++;
    notifyEnded(*ended, ended->call.caller);
    notifyEnded(*ended, ended->call.callee);
  }
}

Side RingCalls::sideOf(const Ringing::Call& call, const std::string& key) const {
  return {call.id, shared_.sessions.at(call.other(key)), key == call.caller};
}

void RingCalls::notifyEnded(const Ringing::Ended& ended, const std::string& to) {
  shared_.notify(to, "call-ended", endedText(ended.call.id, ended.reason));
}

}  // namespace turnout
