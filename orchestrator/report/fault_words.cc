#include "orchestrator/report/words.h"
#include "orchestrator/results/fold/figures.h"

#include <algorithm>

namespace turnout {
namespace {

std::string clauseOf(AppFault fault, int calls) {
  const std::string in_calls = " in " + countText(calls, "call");
  switch (fault) {
    case AppFault::kGhostPartner:
      return "the app did not say that a partner had vanished" + in_calls;
    case AppFault::kNotResumed:
      return "the app lost the session of users who came back in time" + in_calls;
    case AppFault::kSessionActive:
      return "the app refused returning users because their old session was still open" + in_calls;
    case AppFault::kNotCleanedUp:
      return "the app refused users who had left properly and came again" + in_calls;
    case AppFault::kRingTimeoutRace:
      return "the app ended " + countText(calls, "answered call") + " by its ring timeout";
    case AppFault::kDeafAfterReturn:
      return "the app cut returning users off from the others" + in_calls;
    case AppFault::kUnknownSignal:
      return "the app handed on signals that bots cannot read" + in_calls;
    case AppFault::kDuplicateCandidates:
      return "the app handed candidates on twice" + in_calls;
  }
  return "";
}

}  // namespace

const char* explanationOf(AppFault fault) {
  switch (fault) {
    case AppFault::kGhostPartner:
      return "a partner vanished, and nobody was told";
    case AppFault::kNotResumed:
      return "a user came back within the grace period, and the session was gone";
    case AppFault::kSessionActive:
      return "a user came back and was refused: the old session was still open";
    case AppFault::kNotCleanedUp:
      return "a user left properly, came again and was refused";
    case AppFault::kRingTimeoutRace:
      return "the ring timeout ended a call that had been answered";
    case AppFault::kDeafAfterReturn:
      return "a user came back and cannot reach the others any more";
    case AppFault::kUnknownSignal:
      return "signals came that are no description and no candidate";
    case AppFault::kDuplicateCandidates:
      return "candidates were handed on twice";
  }
  return "";
}

const char* remedyFor(AppFault fault) {
  switch (fault) {
    case AppFault::kGhostPartner:
      return "Tell the partner when a socket is gone for longer than the grace period; keep ping "
             "interval and timeout short.";
    case AppFault::kNotResumed:
      return "Keep a session for the whole grace period, under a token rather than a socket id.";
    case AppFault::kSessionActive:
      return "Let the same user take over the session from before instead of refusing.";
    case AppFault::kNotCleanedUp:
      return "Free the session when somebody leaves politely, before you answer the goodbye.";
    case AppFault::kRingTimeoutRace:
      return "Stop the ring timer the moment the call is answered.";
    case AppFault::kDeafAfterReturn:
      return "Point rooms and partners to the new socket id when somebody comes back.";
    case AppFault::kUnknownSignal:
      return "Send descriptions and candidates as docs/PROTOCOL.md has them, or describe yours in "
             "a "
             "dialect.";
    case AppFault::kDuplicateCandidates:
      return "Send each candidate once: after a return, do not replay those already delivered.";
  }
  return "";
}

std::vector<std::pair<AppFault, FaultTally>> faultsWorstFirst(const SessionTally& session) {
  std::vector<std::pair<AppFault, FaultTally>> faults(session.app_faults.begin(),
                                                      session.app_faults.end());
  const auto badness = [](const auto& seen) {
    return std::pair(seen.first != AppFault::kDuplicateCandidates, seen.second.calls);
  };
  std::stable_sort(faults.begin(), faults.end(),
                   [&](const auto& a, const auto& b) { return badness(a) > badness(b); });
  return faults;
}

std::optional<std::string> worstFaultClause(const SessionTally& session) {
  const auto faults = faultsWorstFirst(session);
  if (faults.empty())
    return std::nullopt;
  return clauseOf(faults.front().first, faults.front().second.calls);
}

}  // namespace turnout
