// Two arms, compared: how often and how fast calls connect, how sure that is, and what may be said.
// Which method for what and why: docs/STATISTICS.md. Pure, and the same calls give the same
// numbers.
#pragma once

#include "orchestrator/results/fold/stored_run.h"
#include "orchestrator/results/judge/verdict.h"
#include "orchestrator/statistics/interval.h"
#include "orchestrator/statistics/proportions.h"
#include "orchestrator/statistics/rank_tests.h"
#include "orchestrator/statistics/survival.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace turnout {

// What one arm of one run brings to a comparison: its finished calls, and nothing that turnout
// lost.
struct ArmCall {
  bool succeeded = false;
  Observation connect;  // a call that never connected is censored at the connect deadline
};

struct ArmSample {
  std::string run;  // as the user named it
  std::string arm;
  std::map<int, ArmCall> calls;     // finished ones, by block of the plan
  int left_out = 0;                 // aborted, or never started: in no number
  const StoredRun* from = nullptr;  // arms of one run share their blocks

  Proportion success() const;
  std::vector<Observation> connectTimes() const;
};

// `run` must outlive the sample. `arm`: index into the scenario's arms.
ArmSample armSample(const StoredRun& run, std::size_t arm, const std::string& name);

struct ComparisonSpec {
  double alpha = 0.05;  // of all comparisons of a measure together
  // What does not matter: a difference of success up to `margin` (0.02 = 2 points), of connect times
  // up to `margin_ms`. Nothing is called worse or slower that may be within it.
  std::optional<double> margin = {}, margin_ms = {};
  double confidence() const { return 1 - alpha; }
};

enum class Finding {
  kNoData,                // an arm has no finished call
  kBetter,                // more calls succeed; faster
  kWorse,                 // fewer; slower
  kNoRelevantDifference,  // the whole interval lies within the margin
  kPerhapsRelevant,       // there is a difference; that it is beyond the margin is not shown
  kNoDifferenceShown,     // there may be one that so few calls do not show
};

struct PercentileEstimate {
  std::optional<double> ms;  // absent: not reached
  Interval interval;         // ms; infinite: not bounded
};

struct ComparedArm {
  std::string run, arm;
  Proportion success;
  int left_out = 0;  // calls that turnout lost
  PercentileEstimate p50, p95;
};

struct SuccessComparison {
  double difference = 0;  // candidate - reference, as are all differences
  Interval interval{-1, 1};
  double p = 1, p_adjusted = 1;  // compareRates(); adjusted by Holm over all comparisons
  double fisher_p = 1, fisher_p_adjusted = 1;
  std::optional<double> visible_drop;  // what so many calls would have shown; absent: nothing
  double asked_drop = 0.01;            // the margin; without one, a point
  std::optional<int> calls_needed;     // an arm, to see that; absent: the reference is not above it
  Finding finding = Finding::kNoData;
};

struct TimeComparison {
  std::optional<Shift> shift_ms;           // median difference of any two calls
  std::optional<Interval> p95_difference;  // ms; absent when the p95 of an arm is not bounded
  double hazard_ratio = 1;                 // below 1: the candidate is slower
  double p = 1, p_adjusted = 1;            // logRank()
  Finding finding = Finding::kNoData;
};

struct PairedComparison {  // calls of one block, one of each arm
  int pairs = 0;
  int only_reference = 0, only_candidate = 0;  // pairs in which only the one succeeded
  double mcnemar_p = 1, wilcoxon_p = 1;
};

struct ArmComparison {
  ComparedArm reference, candidate;
  SuccessComparison success;
  TimeComparison connect_time;
  std::optional<PairedComparison> paired;  // when both are arms of one run
};

struct ArmPair {
  ArmSample reference, candidate;
};
std::vector<ArmComparison> compareArms(const std::vector<ArmPair>& pairs,
                                       const ComparisonSpec& spec);

// Did something get worse than the baseline? fail: an arm is worse or slower. inconclusive: a
// comparison has no data, or a margin is asked for and an interval reaches beyond it. Else pass.
Ruling ruleAgainstBaseline(const std::vector<ArmComparison>& comparisons,
                           const ComparisonSpec& spec);

// All that `turnout compare` tells.
struct ComparisonReport {
  ComparisonSpec spec;
  std::vector<ArmComparison> comparisons;
  std::vector<std::string> warnings;  // sentences: what makes the runs less alike than they look
  std::optional<Ruling> ruling;       // with a baseline
};

std::string successWord(Finding finding);  // "worse", "no difference shown", ...
std::string timeWord(Finding finding);     // "slower", "no difference shown", ...

}  // namespace turnout
