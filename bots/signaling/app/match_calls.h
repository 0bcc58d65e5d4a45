// Strangers who look for a partner: a queue, and the pairs made of it. Pure; people are session
// keys.
//
//   state    input                           next
//   idle     wait                            waiting
//   waiting  wait                            same, keeps its place
//   waiting  pair, somebody else is here     matched, both
//   waiting  match timeout                   idle
//   waiting  leave                           idle
//   matched  leave                           idle, both
// Who waited longest is matched first. The last partner comes after everybody else, so that "next"
// gives somebody new if there is one.
#pragma once

#include "bots/signaling/app/call_kind.h"
#include "bots/signaling/app/deadlines.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>

namespace turnout {

class Matchmaker {
 public:
  struct Match {
    std::string id;
    std::string first, second;  // in order of coming to the queue
    Duration first_waited{}, second_waited{};

    const std::string& other(const std::string& who) const { return who == first ? second : first; }
  };
  struct Left {
    Duration waited{};           // in the queue, when it was left
    std::optional<Match> ended;  // the match, when that was left
  };
  struct Expired {
    std::string who;
    Duration waited;
  };
  using IsHere = std::function<bool(const std::string& who)>;

  explicit Matchmaker(Duration match_timeout) : match_timeout_(match_timeout) {}

  // Pairs are made among those who wait in the same pool.
  void wait(Instant at, const std::string& who, const std::string& pool = {});
  // For somebody who waits: the pair made of him and another who waits and is here.
  std::optional<Match> pair(Instant at, const std::string& who, const IsHere& is_here);
  std::optional<Left> leave(Instant at, const std::string& who);  // nullopt: was idle
  std::optional<Expired> takeExpired(Instant at);
  void forget(const std::string& who) { last_partner_of_.erase(who); }  // once idle

  bool isWaiting(const std::string& who) const { return place_of_.count(who) > 0; }
  const Match* matchOf(const std::string& who) const;
  Instant deadline() const { return wait_ends_.next(); }
  std::size_t waitingCount() const { return queue_.size(); }
  std::size_t matchCount() const { return matches_.size(); }
  std::size_t memoryCount() const { return last_partner_of_.size(); }

 private:
  struct Waiting {
    std::string who;
    Instant since;
    std::string pool;
  };
  using Queue = std::list<Waiting>;

  Queue::iterator choose(const std::string& who, const IsHere& is_here);
  Duration dequeue(Instant at, const std::string& who);

  const Duration match_timeout_;
  std::uint64_t last_number_ = 0;
  Queue queue_;  // who came first is first
  std::unordered_map<std::string, Queue::iterator> place_of_;
  std::unordered_map<std::string, Match> matches_;  // by id
  std::unordered_map<std::string, std::string> match_of_, last_partner_of_;
  Deadlines wait_ends_;
};

// Random partners: the words around Matchmaker.
class MatchCalls final : public CallKind {
 public:
  MatchCalls(SharedState& shared, Duration match_timeout)
      : shared_(shared), matchmaker_(match_timeout) {}

  // For one who is in nothing, or waits already.
  void find(Instant at, const std::string& key, const std::string& pool);
  bool isWaiting(const std::string& key) const { return matchmaker_.isWaiting(key); }

  bool holds(const std::string& key) const override {
    return matchmaker_.isWaiting(key) || matchmaker_.matchOf(key);
  }
  std::vector<std::string> partnersOf(const std::string& key) const override;
  bool maySignal(const std::string&) const override { return true; }
  void describe(const std::string& key, JsonWriter& json) const override;
  void vacate(Instant at, const std::string& key, EndReason why) override;
  void onResumed(Instant at, const std::string& key) override;
  void forget(const std::string& key) override { matchmaker_.forget(key); }
  void onTime(Instant at) override;
  Instant deadline() const override { return matchmaker_.deadline(); }

  const Matchmaker& matchmaker() const { return matchmaker_; }

 private:
  void pair(Instant at, const std::string& key);
  void notifyMatched(const Matchmaker::Match& match, const std::string& key);
  Side sideOf(const Matchmaker::Match& match, const std::string& key) const;

  SharedState& shared_;
  Matchmaker matchmaker_;
};

}  // namespace turnout
