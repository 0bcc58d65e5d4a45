// What is known of one call so far, and the judgement of it. Used by the Fold only.
#pragma once

#include "bots/timeline/event.h"
#include "orchestrator/results/fold/call_history.h"
#include "orchestrator/results/fold/link_record.h"
#include "orchestrator/results/fold/outcome.h"
#include "scenarios/call_shape.h"
#include "scenarios/scenario.h"

#include <optional>
#include <set>
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
  CallOutcome outcome(const CallRules& rules, Instant scheduled, std::optional<Instant> host_crash,
                      const std::vector<FaultSpan>& faults) const;

  std::optional<Instant> scheduled() const { return scheduled_; }  // as the bots were told
  const std::set<int>& hosts() const { return hosts_; }            // that its bots are in
  std::optional<Instant> assigned() const { return assigned_; }

 private:
  struct Failure {
    FailureCause cause = FailureCause::kInternal;
    Instant at;
    std::string detail;
    int bot = -1, peer = -1, round = 1;  // peer -1: of the bot as a whole
  };
  struct Bot {
    std::optional<Instant> started, joined, left;
    Duration lag{};
    BotStage stage = BotStage::kNotStarted;  // failing and leaving aside
    Instant stage_since;
    bool has_failed = false;
  };

  void addToCall(const Event& event);
  void addToBot(const Event& event, Bot& bot);
  // Bots and their link ends; a guest has none of its own, and neither has a random partner.
  int bots() const { return static_cast<int>(bots_.size()); }
  const LinkRecord& link(LinkEnd end) const { return links_[topology_->indexOf(end)]; }

  std::optional<Instant> joinedAt() const;  // last bot; absent when one is missing: so all below
  std::optional<Instant> connectedAt() const;
  std::optional<Instant> mediaAt(const CallRules& rules) const;  // all in time
  std::optional<Instant> overAt() const;
  bool isLate(const Failure& failure) const;
  const Failure* rootFailure(std::optional<Instant> until) const;
  std::optional<Failure> abortion(std::optional<Instant> host_crash) const;
  std::optional<FailedLink> failedLink(const Failure& root) const;
  void judge(CallOutcome& outcome, const CallRules& rules, std::optional<Instant> host_crash) const;
  Phases phasesOf(const CallClock& clock, std::optional<Instant> wait_ended) const;
  std::optional<Wait> waitOf(const WaitSpan& span, const CallOutcome& judged) const;
  std::optional<Waiting> waitingOf(const WaitSpan& span, const CallOutcome& judged) const;
  void describePaths(CallOutcome& outcome) const;
  std::vector<MediaFlow> flows(const std::vector<MediaKind>& kinds) const;
  void judgeMedia(CallOutcome& outcome, bool is_whole) const;
  bool wasRelayed(LinkEnd end, Instant until) const;
  void sumUp(CallOutcome& outcome) const;

  std::optional<Topology> topology_;  // from the first event on
  std::vector<Bot> bots_;             // empty until the first event
  std::vector<LinkRecord> links_;
  CallHistory history_;
  std::vector<Failure> failures_;
  std::optional<Instant> scheduled_, last_, assigned_;
  std::set<int> hosts_;
};

}  // namespace turnout
