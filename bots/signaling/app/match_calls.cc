#include "bots/signaling/app/match_calls.h"

#include "pipelines/base/result.h"

#include <utility>

namespace turnout {

void Matchmaker::wait(Instant at, const std::string& who, const std::string& pool) {
  TURNOUT_CHECK(!matchOf(who), "waits while matched");
  if (isWaiting(who))
    return;
  place_of_.emplace(who, queue_.insert(queue_.end(), {who, at, pool}));
  wait_ends_.set(who, at + match_timeout_);
}

std::optional<Matchmaker::Match> Matchmaker::pair(Instant at, const std::string& who,
                                                  const IsHere& is_here) {
  TURNOUT_CHECK(isWaiting(who), "paired without waiting");
  const auto chosen = choose(who, is_here);
  if (chosen == queue_.end())
    return std::nullopt;
  std::string first = chosen->who, second = who;
  if (place_of_.at(second)->since < chosen->since)
    std::swap(first, second);
  Match match{"match-" + std::to_string(++last_number_), first, second};
  match.first_waited = dequeue(at, first);
  match.second_waited = dequeue(at, second);
  for (const auto& one : {first, second}) {
    match_of_[one] = match.id;
    last_partner_of_[one] = match.other(one);
  }
  matches_.emplace(match.id, match);
  return match;
}

Matchmaker::Queue::iterator Matchmaker::choose(const std::string& who, const IsHere& is_here) {
  const auto last = last_partner_of_.find(who);
  const std::string& pool = place_of_.at(who)->pool;
  auto second_best = queue_.end();
  for (auto at = queue_.begin(); at != queue_.end(); ++at) {
    if (at->who == who || at->pool != pool || !is_here(at->who))
      continue;
    if (last == last_partner_of_.end() || last->second != at->who)
      return at;
    second_best = at;
  }
  return second_best;
}

std::optional<Matchmaker::Left> Matchmaker::leave(Instant at, const std::string& who) {
  if (isWaiting(who))
    return Left{dequeue(at, who), std::nullopt};
  const Match* match = matchOf(who);
  if (!match)
    return std::nullopt;
  Left left{{}, *match};
  match_of_.erase(left.ended->first);
  match_of_.erase(left.ended->second);
  matches_.erase(left.ended->id);
  return left;
}

std::optional<Matchmaker::Expired> Matchmaker::takeExpired(Instant at) {
  const auto who = wait_ends_.takeDue(at);
  return who ? std::optional(Expired{*who, dequeue(at, *who)}) : std::nullopt;
}

const Matchmaker::Match* Matchmaker::matchOf(const std::string& who) const {
  const auto found = match_of_.find(who);
  return found != match_of_.end() ? &matches_.at(found->second) : nullptr;
}

Duration Matchmaker::dequeue(Instant at, const std::string& who) {
  const auto place = place_of_.find(who);
  const Duration waited = at - place->second->since;
  queue_.erase(place->second);
  place_of_.erase(place);
  wait_ends_.clear(who);
  return waited;
}

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
