// Event logs as a test writes them: times in milliseconds after the epoch of the run.
#pragma once

#include "bots/timeline/event.h"
#include "orchestrator/results/fold/fold.h"
#include "scenarios/plan.h"
#include "scenarios/scenario.h"

#include <string>
#include <utility>
#include <vector>

namespace turnout::test {

inline constexpr std::int64_t kEpochNs = 1'000'000'000'000;

inline Instant ms(double after_epoch) {
  return fromNs(kEpochNs + static_cast<std::int64_t>(after_epoch * 1e6));
}

using Script = std::vector<Event>;

Script operator+(Script a, const Script& b);

Event ofRun(double at, EventBody body);
Event ofCall(double at, int call, EventBody body);
Event ofBot(double at, int call, int bot, EventBody body);
Event ofLink(double at, int call, int bot, int peer, EventBody body);

Event runStarted();
Event runFinished(double at = 60'000);

// Calls alternate between the arms and start one second apart.
Scenario scenarioOf(std::vector<std::string> arms, int calls_per_arm);
Plan planOf(const Scenario& scenario);

double startOf(int call);

// Both bots start on time and join; nothing further.
Script joinedCall(int call);

// Signaling 10, negotiation 20, ICE 30, DTLS 40 ms: bot 0 is connected at 90, bot 1 (who offers) at
// 100 ms.
Script connectedCall(int call, CandidateType local = CandidateType::kHost,
                     CandidateType remote = CandidateType::kHost, double stretch = 1);

Script mediaOf(int call, double stretch = 1);

Script leave(int call, double after = 3000);

Script goodCall(int call, CandidateType local = CandidateType::kHost,
                CandidateType remote = CandidateType::kHost, double stretch = 1);

Script failedCall(int call, FailureCause cause, double after = 1500,
                  const std::string& detail = "");

// Of the connection that a bot made after a step.
Event inRound(int round, Event event);

// A call of two that rings 500 ms before it is answered: everything after joining is later by that.
Script ringingCall(int call, double rings_ms = 500);

// Bot `bot` does the step `step` from `after` until `after` + 800 ms; no link is back by that.
Script stepOf(int call, int bot, int step, StepKind action, double after);

// Both link ends are up again, in round 2, `after` ms after the call's start.
Script recovery(int call, double after, double outage_ms = 1200);

Script wholeRun(const Script& calls, double until = 60'000);

Outcomes foldOf(const Script& script, const Scenario& scenario);

}  // namespace turnout::test
