// The judgement of a run. Three words, because a tool that was itself in the way may neither pass
// nor fail anybody:
//   inconclusive  turnout did not do what was planned, or was the bottleneck; wins over the others
//   fail          a threshold does not hold
//   pass          every threshold holds (a scenario without thresholds passes)
// Thresholds are judged on what was observed; a note says when the 95 % interval leaves it open.
#pragma once

#include "orchestrator/results/summary.h"
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

struct Judgement {  // one threshold on one cell
  Threshold threshold;
  std::string turn;                // the arm; empty: all calls pooled
  std::optional<double> observed;  // ms, a rate or a count; infinity: not reached; absent: no data
  bool holds = false;
  bool is_proved = true;  // rates: the whole 95 % interval lies on one side of the limit
};

struct Verdict {
  Ruling ruling = Ruling::kPass;
  std::vector<Judgement> judgements;
  std::vector<std::string> reasons;  // sentences: why not pass
  std::vector<std::string> notes;    // sentences: what to keep in mind
};

Verdict judge(const Scenario& scenario, const Summary& summary);

std::string observedText(const Judgement& judgement);  // "310 ms", "not reached", "62.5 %", "3"

}  // namespace turnout
