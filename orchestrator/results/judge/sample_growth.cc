#include "orchestrator/results/judge/sample_growth.h"

#include "orchestrator/results/fold/figures.h"
#include "orchestrator/results/fold/summary.h"
#include "orchestrator/results/judge/judgement_words.h"
#include "orchestrator/results/judge/verdict.h"

#include <algorithm>
#include <cmath>

namespace turnout {
namespace {

constexpr double kAlpha = 0.05;

int cellsOf(const Scenario& scenario) {
  return static_cast<int>(scenario.turn.size() * scenario.pairsOfSites());
}

}  // namespace

SampleJudged judgeSample(const Scenario& scenario, const Outcomes& so_far, int calls_per_arm,
                         double deviations) {
  SampleJudged look;
  look.calls_per_arm = calls_per_arm;
  look.deviations = deviations;
  Summary summary = summarise(scenario, so_far);
  summary.run.finish_reason = "completed";  // as if it ended here
  summary.run.looks.push_back(look);
  const Verdict verdict = judge(scenario, summary);
  const auto all = static_cast<int>(verdict.judgements.size());
  const int open = countOf(verdict.judgements, Ruling::kInconclusive);
  const std::string open_text = std::to_string(open) + " of " + countText(all, "threshold") +
                                (open == 1 ? " is" : " are") + " open after " +
                                countText(calls_per_arm, "call") + " an arm";
  int next_calls = calls_per_arm;
  if (!verdict.isSound()) {
    look.outcome = "doubted";
    look.why = reasonsOf(verdict).front();
  } else if (countOf(verdict.judgements, Ruling::kFail) > 0) {
    look.outcome = "decided";
    look.why = "A threshold does not hold.";
  } else if (open == 0) {
    look.outcome = "decided";
    look.why = "Every threshold holds.";
  } else if (calls_per_arm >= scenario.mostCallsPerArm()) {
    look.outcome = "exhausted";
    look.why = open_text + ", and no more are allowed.";
  } else {
    look.outcome = "extended";
    look.why = open_text + ".";
    next_calls = std::min(calls_per_arm + scenario.firstCallsPerArm(), scenario.mostCallsPerArm());
  }
  look.planned = next_calls * cellsOf(scenario);
  return look;
}

SampleGrowth::SampleGrowth(const Scenario& scenario)
    : scenario_(scenario),
      rule_(kAlpha, scenario.mostCallsPerArm()),
      calls_per_arm_(scenario.firstCallsPerArm()) {}

SampleJudged SampleGrowth::look(const Outcomes& so_far) {
  // As exact as the log keeps it, and never less strict.
  const double deviations =
      std::min(std::ceil(rule_.look(calls_per_arm_) * 1000) / 1000, kTooEarly);
  SampleJudged look = judgeSample(scenario_, so_far, calls_per_arm_, deviations);
  calls_per_arm_ = look.planned / cellsOf(scenario_);
  return look;
}

}  // namespace turnout
