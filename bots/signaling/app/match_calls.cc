#include "bots/signaling/app/match_calls.h"

namespace turnout {

void MatchCalls::find(Instant at, const std::string& key, const std::string& pool) {
  if (isWaiting(key))
    return;
  matchmaker_.wait(at, key, pool);
  pair(at, key);
}

void MatchCalls::onResumed(Instant at, const std::string& key) {
  if (isWaiting(key))
    pair(at, key);
}

void MatchCalls::pair(Instant at, const std::string& key) {
  const auto match = matchmaker_.pair(at, key, [&](const std::string& other) {
    return shared_.sessions.at(other).phase != Sessions::Phase::kHeld;
  });
  if (!match)
    return;
  shared_.stats.matches++;
  shared_.sessions.holdsPlace(match->first);
  shared_.sessions.holdsPlace(match->second);
  shared_.stats.matched_waits.add(match->first_waited);
  shared_.stats.matched_waits.add(match->second_waited);
  notifyMatched(*match, match->first);
  notifyMatched(*match, match->second);
}

void MatchCalls::notifyMatched(const Matchmaker::Match& match, const std::string& key) {
  const Duration waited = key == match.first ? match.first_waited : match.second_waited;
  JsonWriter json;
  json.beginObject();
  writeSide(json, sideOf(match, key));
  shared_.notify(key, "matched", json.field("waited_ms", toMs(waited)).endObject().take());
}

std::vector<std::string> MatchCalls::partnersOf(const std::string& key) const {
  const auto* match = matchmaker_.matchOf(key);
  return match ? std::vector{match->other(key)} : std::vector<std::string>{};
}

void MatchCalls::describe(const std::string& key, JsonWriter& json) const {
  const auto* match = matchmaker_.matchOf(key);
  json.field("kind", "match").field("phase", match ? "matched" : "waiting");
  if (match)
    writeSide(json, sideOf(*match, key));
}

void MatchCalls::vacate(Instant at, const std::string& key, EndReason why) {
  const auto left = matchmaker_.leave(at, key);
  if (!left)
    return;
  if (!left->ended) {
    shared_.stats.abandoned_waits.add(left->waited);
    return;
  }
  shared_.stats.of(why)++;
  shared_.notify(left->ended->other(key), "call-ended", endedText(left->ended->id, why));
}

void MatchCalls::onTime(Instant at) {
  while (const auto expired = matchmaker_.takeExpired(at)) {
    shared_.stats.of(AppError::kMatchTimeout)++;
    shared_.stats.abandoned_waits.add(expired->waited);
    JsonWriter json;
    json.beginObject()
        .field("error", toString(AppError::kMatchTimeout))
        .field("waited_ms", toMs(expired->waited))
        .endObject();
    shared_.notify(expired->who, "no-partner", json.take());
  }
}

// Who came to the queue last makes the offer: he was there a moment ago.
Side MatchCalls::sideOf(const Matchmaker::Match& match, const std::string& key) const {
  return {match.id, shared_.sessions.at(match.other(key)), key == match.second};
}

}  // namespace turnout
