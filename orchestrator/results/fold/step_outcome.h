// What became of the steps of a call, and of the faults of servers that hit it: whether each link
// and socket that they took away came back in time, and whether the partners of a bot that went for
// good were told. Judged over the call's events (call_history.h); which kind of step has which goal
// is in scenarios/step.h. Pure.
#pragma once

#include "orchestrator/results/fold/call_history.h"
#include "orchestrator/results/fold/outcome.h"
#include "scenarios/call_shape.h"

#include <compare>
#include <functional>
#include <set>
#include <string>
#include <vector>

namespace turnout {

// Pairs FaultApplied with FaultOver; their order, and one that comes twice, do not matter.
class FaultRecord {
 public:
  void add(Instant at, const FaultApplied& applied);
  void add(Instant at, const FaultOver& over);

  std::vector<FaultSpan> spans() const;  // by time

 private:
  struct Mark {
    Instant at;
    std::string fault, service;
    double late_ms = 0;
    std::partial_ordering operator<=>(const Mark&) const = default;
  };
  std::set<Mark> begun_, over_;
};

struct RecoveryRules {
  CallShape shape;
  Duration recover{};  // the deadline: from the instant the bot, or the server, is back
  // In part: turnout lost the call, or the log ends. Then what did not come back was not missed.
  enum class Watched { kToTheEnd, kInPart } watched = Watched::kToTheEnd;
  // Whether a link end went over a TURN server by then: no other can lose anything by one.
  std::function<bool(LinkEnd end, Instant until)> was_relayed = [](LinkEnd, Instant) {
    return true;
  };
};

// One for each step that was taken, and one for each fault that hit the call: a loss is of the fault
// at whose onset it began. A signaling server takes sockets, a TURN server links that go over it.
std::vector<StepOutcome> stepOutcomes(const CallHistory& history, const RecoveryRules& rules);
std::vector<StepOutcome> faultOutcomes(const CallHistory& history,
                                       const std::vector<FaultSpan>& faults,
                                       const RecoveryRules& rules);

}  // namespace turnout
