// What is known of one call beside its links: who rang, was matched, was refused, left, and which
// steps were taken. Kept as a set of moments, so that their order in the log and a line that comes
// twice do not matter.
#pragma once

#include "bots/timeline/event.h"
#include "orchestrator/results/fold/call_clock.h"
#include "orchestrator/results/fold/outcome.h"
#include "scenarios/call_shape.h"

#include <compare>
#include <set>
#include <string>

namespace turnout {

struct Moment {
  enum class Kind {
    kJoined,
    kRang,
    kAnswered,  // ms: waited; number: 1 at the caller
    kMatched,   // ms: waited
    kGuest,     // came into the room; ms: waited
    kPartnerLeft,
    kSessionError,
    kAppFault,     // number: the AppFault
    kSessionBack,  // number: 1 into the session from before
    kStepTaken,    // number: of the step; word: its action; ms: how late
    kStepOver,     // number: of the step
    kConnected,    // a link end
    kRecovered,    // a link end; word: what brought media back; ms: the outage
    kLinkLost,     // a link end; ms: silent for
    kSocketLost,
    kSocketBack,  // ms: away for
    kTried,       // a rung of the recovery; number: the attempt
    kFailed,      // a bot, or a link end
    kBotLeft,
  };
  Kind kind = Kind::kJoined;
  Instant at;
  int bot = 0, peer = -1;
  int number = 0;
  std::string word;  // reason, error, detail or action
  double ms = 0;

  std::partial_ordering operator<=>(const Moment&) const = default;
};
using Moments = std::set<Moment>;  // by kind, then by time

class SessionRecord {
 public:
  void add(const Event& event);  // one that is of no interest here is ignored

  const Moments& moments() const { return moments_; }
  // The first ringing, the first time in the queue, the wait for the last guest of a room.
  WaitSpan wait(CallMode kind) const;
  void count(CallOutcome& outcome) const;

 private:
  Moments moments_;
};

}  // namespace turnout
