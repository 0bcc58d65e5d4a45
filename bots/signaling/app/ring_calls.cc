#include "bots/signaling/app/ring_calls.h"

#include "pipelines/base/result.h"

#include <algorithm>

namespace turnout {

const char* toString(Ringing::Phase phase) {
  switch (phase) {
    case Ringing::Phase::kRinging:
      return "ringing";
    case Ringing::Phase::kActive:
      return "active";
  }
  return "";
}

Ringing::Call Ringing::ring(Instant at, const std::string& caller, const std::string& callee) {
  TURNOUT_CHECK(caller != callee && !of(caller) && !of(callee), "a party of two calls");
  Call call{"call-" + std::to_string(++last_number_), caller, callee};
  for (const auto& party : {caller, callee}) {
    call_of_[party] = call.id;
    last_call_of_[party] = call.id;
  }
  ring_ends_.set(call.id, at + options_.ring_timeout);
  calls_.emplace(call.id, call);
  return call;
}

std::variant<Ringing::Call, AppError> Ringing::answer(const std::string& who,
                                                      const std::string& id) {
  const auto found = find(who, id);
  if (const auto* error = std::get_if<AppError>(&found))
    return *error;
  Call& call = *std::get<Call*>(found);
  if (who != call.callee)
    return AppError::kNoSuchCall;
  if (call.phase != Phase::kRinging)
    return AppError::kLateMessage;
  call.phase = Phase::kActive;
  // Planted bug: the timer goes on and ends the call that was answered.
  if (!options_.bugs.contains(PlantedBug::kRingTimeoutRace))
    ring_ends_.clear(id);
  return call;
}

Ringing::EndedOr Ringing::reject(const std::string& who, const std::string& id, EndReason reason) {
  const auto found = find(who, id);
  if (const auto* error = std::get_if<AppError>(&found))
    return *error;
  const Call& call = *std::get<Call*>(found);
  if (who != call.callee)
    return AppError::kNoSuchCall;
  if (call.phase != Phase::kRinging)
    return AppError::kLateMessage;
  return end(call, reason);
}

Ringing::EndedOr Ringing::hangUp(const std::string& who, const std::string& id) {
  const auto found = find(who, id);
  if (const auto* error = std::get_if<AppError>(&found))
    return *error;
  const Call& call = *std::get<Call*>(found);
  return end(call, call.phase == Phase::kActive ? EndReason::kHungUp
                   : who == call.caller         ? EndReason::kCancelled
                                                : EndReason::kRejected);
}

std::optional<Ringing::Ended> Ringing::drop(const std::string& who, EndReason reason) {
  const Call* call = of(who);
  return call ? std::optional(end(*call, reason)) : std::nullopt;
}

std::optional<Ringing::Ended> Ringing::takeExpired(Instant at) {
  const auto id = ring_ends_.takeDue(at);
  return id ? std::optional(end(calls_.at(*id), EndReason::kRingTimeout)) : std::nullopt;
}

void Ringing::forget(const std::string& who) {
  TURNOUT_CHECK(!of(who), "forgotten in the middle of a call");
  last_call_of_.erase(who);
}

const Ringing::Call* Ringing::of(const std::string& who) const {
  const auto found = call_of_.find(who);
  return found != call_of_.end() ? &calls_.at(found->second) : nullptr;
}

std::size_t Ringing::count(Phase phase) const {
  return static_cast<std::size_t>(std::count_if(
      calls_.begin(), calls_.end(), [&](const auto& item) { return item.second.phase == phase; }));
}

std::variant<Ringing::Call*, AppError> Ringing::find(const std::string& who,
                                                     const std::string& id) {
  const auto call = call_of_.find(who);
  if (call != call_of_.end() && call->second == id)
    return &calls_.at(id);
  const auto last = last_call_of_.find(who);
  return last != last_call_of_.end() && last->second == id ? AppError::kLateMessage
                                                           : AppError::kNoSuchCall;
}

Ringing::Ended Ringing::end(const Call& call, EndReason reason) {
  Ended ended{call, reason};
  call_of_.erase(ended.call.caller);
  call_of_.erase(ended.call.callee);
  ring_ends_.clear(ended.call.id);
  calls_.erase(ended.call.id);
  return ended;
}

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
