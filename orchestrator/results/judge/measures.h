// What a threshold judges: of one cell, the value that was observed, and the evidence it rests on.
// A measure is a row of kMeasureRows (scenarios/threshold.cc: its word and quantity), a row of
// kPicks (measures.cc: where in a cell it is), and its line in docs/MEASURES.md and in the schema.
// Methods: docs/STATISTICS.md. Pure.
#pragma once

#include "orchestrator/results/fold/summary.h"
#include "orchestrator/statistics/interval.h"
#include "scenarios/scenario.h"
#include "scenarios/threshold.h"

#include <cstddef>
#include <optional>
#include <vector>

namespace turnout {

inline constexpr double kNotReached = kInfinite;  // slower than what was watched

struct Evidence {
  // Calls, or steps where there are fewer: values of one call stand and fall together and count
  // once.
  std::size_t n = 0;
  // As the observed value: ms or a rate. An infinite end is not bounded; absent: nothing is
  // estimated, or there is no data.
  std::optional<Interval> interval;
  std::optional<int> calls_needed;  // until the interval leaves the limit out, if all go like these
};

// Milliseconds, a rate or a count; kNotReached; absent: no data.
std::optional<double> observedIn(const Cell& cell, const Threshold& threshold);

// `deviations`: standard deviations of the interval to each side.
Evidence evidenceIn(const Cell& cell, const Threshold& threshold,
                    double deviations = zOfConfidence(0.95));

// Whether the threshold judges this arm by itself. "*" means each arm that has such a thing at all:
// an arm without TURN servers has no TURN errors, and one that is meant to fail is judged by that.
bool isMeantFor(const Threshold& threshold, const TurnArm& arm);

// How many calls it takes to decide the threshold if all goes as well as it can; absent: one is
// enough, or no number is known. For the number of calls a scenario makes: undecidableIn().
std::optional<int> callsToDecideAtBest(const Threshold& threshold);

struct Undecidable {
  Threshold threshold;
  int calls = 0, needed = 0;  // that the scenario makes at most, and that it takes
};
// Thresholds that stay open even in a flawless run of the scenario.
std::vector<Undecidable> undecidableIn(const Scenario& scenario);

}  // namespace turnout
