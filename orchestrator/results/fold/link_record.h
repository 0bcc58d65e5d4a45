// What is known of one end of one link: what its bot reported of each connection made over it.
#pragma once

#include "bots/timeline/event.h"
#include "orchestrator/results/fold/outcome.h"

#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace turnout {

inline void keepEarliest(std::optional<Instant>& kept, Instant at) {
  kept = kept ? std::min(*kept, at) : at;
}
inline void keepLatest(std::optional<Instant>& kept, Instant at) {
  kept = kept ? std::max(*kept, at) : at;
}

class LinkRecord {
 public:
  struct Server {
    Instant at;
    IceServerOutcome result;
  };
  struct Round {  // one connection: a bot that comes back after a step makes another
    bool offerer = false, failed = false;
    std::optional<Instant> local_set, remote_set, ice_up, connected, pair_at;
    std::optional<Instant> relayed_at;  // the first pair with a relay at either end
    PairSelected pair;
    std::array<std::optional<Instant>, kMediaKinds.size()> media;
    std::array<MediaSums, kMediaKinds.size()> totals;
    struct Reported {
      Instant at;
      MediaReport report;
    };
    std::array<std::optional<Reported>, kMediaKinds.size()> reports;
    struct Negotiated {
      bool sends = false, receives = false, codec = false;
    };
    std::array<std::optional<Negotiated>, kMediaKinds.size()> negotiated;  // absent: nobody said
    MessageSums messages;
    std::vector<Server> servers;
    std::set<CandidateType> local, remote;  // candidates seen
    std::optional<IcePermissionRefused> refusal;
  };

  void add(const Event& event);

  // The round that counts for connecting: the first that was connected or failed. Those before it
  // were cut short by a step.
  int countedRound() const;
  const Round& counted() const { return rounds_.at(countedRound()); }
  bool wasRelayed(Instant until) const;  // over a TURN server of either end
  // The last of `kinds` in the first round that had them all within `limit` of its connection;
  // absent when there is none before a round that failed.
  std::optional<Instant> mediaAt(const std::vector<MediaKind>& kinds, Duration limit) const;

  const std::map<int, Round>& rounds() const { return rounds_; }  // by number
  // Of `kinds`, as the round that counts for connecting negotiated them.
  std::vector<OneWayMedia> oneWay(const std::vector<MediaKind>& kinds) const;
  LinkEndFacts facts(int bot, int round) const;  // nothing of a round that never was
  void sumUp(CallOutcome& outcome) const;        // adds what is counted over all rounds

 private:
  std::map<int, Round> rounds_{{1, {}}};
  std::set<std::pair<Instant, std::string>> duplicates_;  // candidates
};

}  // namespace turnout
