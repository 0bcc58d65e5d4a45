// The judgement of a run, in three states. Of a threshold (docs/decisions/007):
//   pass          it holds: the whole interval is on the good side of the limit
//   fail          it does not: the whole interval is on the bad side
//   inconclusive  so few calls leave it open, or there is no data
// What a threshold says of the very calls that were made (isOfEachCall), and what is judged by the
// estimate, is pass or fail by what was observed. Of the run:
//   inconclusive  turnout did not do what was planned, or was itself in the way; wins over all
//   fail          a threshold fails
//   inconclusive  a threshold is open
//   pass          every threshold holds (a scenario without thresholds passes)
#pragma once

#include "orchestrator/results/fold/summary.h"
#include "orchestrator/results/judge/evidence.h"
#include "scenarios/scenario.h"

#include <optional>
#include <string>
#include <vector>

namespace turnout {

enum class Ruling { kPass, kFail, kInconclusive };
const char* toString(Ruling ruling);  // pass, fail, inconclusive

// Bots that start later than this, at the 99th percentile, mean that turnout could not keep to its
// plan: its connect times would then contain its own waiting.
inline constexpr double kScheduleLagLimitMs = 50;

// Deviations of a look that comes too early: no interval of so many decides anything.
inline constexpr double kTooEarly = 99;

struct Judgement {  // one threshold on one cell
  Threshold threshold;
  std::string turn;                // the arm; empty: all calls pooled
  std::optional<double> observed;  // ms, a rate or a count; infinity: not reached; absent: no data
  Evidence evidence;
  Ruling ruling = Ruling::kInconclusive;
};

struct Verdict {
  Ruling ruling = Ruling::kPass;
  bool is_sound = true;   // turnout did what was planned, and was not in the way
  double deviations = 0;  // that the intervals of the judgements reach to each side
  std::vector<Judgement> judgements;
  std::vector<std::string> reasons;  // sentences: why not pass
  std::vector<std::string> notes;    // sentences: what to keep in mind
};

Verdict judge(const Scenario& scenario, const Summary& summary);

// The thresholds alone, whatever became of the run, with intervals of so many deviations.
std::vector<Judgement> judgeThresholds(const Scenario& scenario, const Summary& summary,
                                       double deviations);

// In how many judgements it came to that.
int countOf(const std::vector<Judgement>& judgements, Ruling ruling);

}  // namespace turnout
