// What is known of one call so far, and the judgement of it. Used by the Fold only.
#pragma once

#include "bots/timeline/event.h"
#include "orchestrator/results/outcome.h"
#include "scenarios/scenario.h"

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace turnout {

struct CallRules {  // the same for all calls of a run
  CallShape shape;
  std::vector<MediaKind> media;  // what each end must receive
  Scenario::Deadlines deadlines;
};

class CallRecord {
 public:
  // False when the event names a bot or a link that no call has.
  bool add(const Event& event, const CallRules& rules);

  // `scheduled`: when the plan wanted the call to start; `host_crash`: of the host that had it.
  CallOutcome outcome(const CallRules& rules, Instant scheduled,
                      std::optional<Instant> host_crash) const;

  std::optional<Instant> scheduled() const { return scheduled_; }  // as the bots were told
  std::optional<int> host() const { return host_; }
  std::optional<Instant> assigned() const { return assigned_; }

 private:
  struct Failure {
    FailureCause cause = FailureCause::kInternal;
    Instant at;
    std::string detail;
  };
  struct Bot {
    std::optional<Instant> started, joined, left;
    Duration lag{};
  };
  struct Server {
    Instant at;
    ServerResult result;
  };
  struct End {  // one bot's side of one link
    bool offerer = false;
    std::optional<Instant> local_set, remote_set, ice_up, connected, pair_at;
    PairSelected pair;
    std::array<std::optional<Instant>, kMediaKinds.size()> media;
    std::array<MediaSums, kMediaKinds.size()> totals;
    std::vector<Server> servers;
    int duplicate_candidates = 0;
  };

  void addToCall(const Event& event);
  void addToBot(const Event& event, Bot& bot);
  void addToEnd(const Event& event, End& end);
  std::size_t endIndex(int bot, int peer) const;
  const End& end(int bot, int peer) const { return ends_[endIndex(bot, peer)]; }

  std::optional<Instant> joinedAt() const;  // last bot; absent when one is missing: so all below
  std::optional<Instant> connectedAt() const;
  std::optional<Instant> mediaAt(const CallRules& rules) const;  // of a connected call; all in time
  std::optional<Instant> overAt() const;
  const Failure* rootFailure(std::optional<Instant> until) const;
  std::optional<Failure> abortion(std::optional<Instant> host_crash) const;
  void judge(CallOutcome& outcome, const CallRules& rules, std::optional<Instant> host_crash) const;
  Phases phasesOf(Instant scheduled) const;
  void describePaths(CallOutcome& outcome) const;
  void sumUp(CallOutcome& outcome) const;

  std::vector<Bot> bots_;  // empty until the first event
  std::vector<End> ends_;
  std::vector<Failure> failures_;
  std::optional<Instant> scheduled_, last_, assigned_;
  std::optional<int> host_;
};

}  // namespace turnout
