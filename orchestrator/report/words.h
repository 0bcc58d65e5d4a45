// What happened in a run in words that a person understands: mistakes of the app, what media met,
// faults of servers, what came back, differences. Used by several reports (reports.h).
#pragma once

#include "orchestrator/results/compare/comparison.h"
#include "orchestrator/results/fold/figures.h"
#include "orchestrator/results/fold/summary.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace turnout {

// Percentiles: "310 ms"; "> 15 s" when it was not reached: beyond what was watched nothing is known
// but that it is beyond; "-" without data.
std::string percentileText(const WaitingTimes& times, double p);
std::string percentileText(const Sample& sample, double p);

// Mistakes of the app (fault_words.cc).
const char* explanationOf(AppFault fault);  // "the ring timeout ended a call that had ..."
const char* remedyFor(AppFault fault);      // what to change: a sentence
// By how many calls they hit. Candidates that come twice do no harm, so anything else is worse.
std::vector<std::pair<AppFault, FaultTally>> faultsWorstFirst(const SessionTally& session);
// The worst as a clause: "the app ended 3 answered calls by its ring timeout". Absent: none seen.
std::optional<std::string> worstFaultClause(const SessionTally& session);

// What media met in a call (media_words.cc).
const char* toString(MediaFate fate);            // kept, degraded, dropped
std::string directionText(const FlowKey& flow);  // "0-1", in files
// "no video from bot 0 to bot 1 for the last 9.8 s", "12 % of the audio from bot 1 to bot 0 lost"
std::string troubleText(const MediaTrouble& trouble);
// "media: 60 of 64 connected calls kept, 3 degraded, 1 dropped; worst: call 12, no video from bot 0
// to bot 1 for the last 9.8 s". Empty when no call had media that was watched to its end.
std::string mediaSentence(const Cell& cell);

// What went wrong with servers on purpose (server_faults_text.cc): the console's section, empty
// where nothing did; "turn_kill of coturn at 8.0 s, back after 3.0 s".
std::string serverFaultsText(const RunFacts& run, std::size_t columns);
std::string sentenceOf(const FaultSpan& fault, Instant epoch);

// The console's sections on the app and its server (session_text.cc); empty where there is nothing
// to say. `columns`: of the screen.
std::string faultsText(const SessionTally& session, std::size_t columns);  // what the app did wrong
// Who came, waited and came back; messages.
std::string sessionsText(const SessionTally& session, std::size_t columns);

// Differences of a comparison (comparison_figures.cc).
std::string pointsText(double difference);            // "-20 points", "+0.5 points"
std::string pointsSizeText(double share);             // "14.4 points": without a sign
std::string pointsIntervalText(Interval difference);  // "-30.1 to -10"
std::string shiftText(double ms);                     // "+120 ms", "0 ms"
std::string shiftIntervalText(Interval ms);           // "-10 ms to +120 ms"
std::string pText(double p);                          // "0.042", "< 0.0001"
// How the candidate is called beside the others: its arm, with its run where there are several.
std::string nameOf(const ComparisonReport& report, const ArmComparison& comparison);

}  // namespace turnout
