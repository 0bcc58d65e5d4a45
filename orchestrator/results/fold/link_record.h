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

class LinkRecord {
 public:
  struct Server {
    Instant at;
    ServerResult result;
  };
  struct Round {  // one connection: who comes back after a step makes another
    bool offerer = false, failed = false;
    std::optional<Instant> local_set, remote_set, ice_up, connected, pair_at;
    PairSelected pair;
    std::array<std::optional<Instant>, kMediaKinds.size()> media;
    std::array<MediaSums, kMediaKinds.size()> totals;
    MessageSums messages;
    std::vector<Server> servers;
    std::set<CandidateType> local, remote;  // candidates seen
    std::optional<PermissionRefused> refusal;
  };

  LinkRecord() : rounds_{{1, {}}} {}

  void add(const Event& event);

  // The round that counts for connecting: the first that was connected or failed. Those before it
  // were cut short by a step.
  int countedRound() const;
  const Round& counted() const { return rounds_.at(countedRound()); }
  // The last of `kinds` in the first round that had them all within `limit` of its connection;
  // absent when there is none before a round that failed.
  std::optional<Instant> mediaAt(const std::vector<MediaKind>& kinds, Duration limit) const;

  LinkEndFacts facts(int bot, int round) const;  // nothing of a round that never was
  void sumUp(CallOutcome& outcome) const;        // adds what is counted over all rounds

 private:
  std::map<int, Round> rounds_;
  std::set<std::pair<Instant, std::string>> duplicates_;  // candidates
};

}  // namespace turnout
