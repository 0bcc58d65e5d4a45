// A Scenario and its seed, worked out to the last detail: which call starts when, in which arm. Pure:
// the same scenario text and seed make the same plan, byte for byte.
#pragma once

#include "pipelines/base/clock.h"
#include "pipelines/base/random.h"
#include "scenarios/scenario.h"

#include <cstdint>
#include <string>
#include <vector>

namespace turnout {

struct PlannedCall {
  int id = 0;    // 0..n-1 in order of start
  int arm = 0;   // index into Scenario::turn
  int pair = 0;  // index into Networks::pairs; without networks 0
  int repetition = 0;
  int block = 0;           // every block holds each arm once in each pair, in shuffled order
  Duration start{};        // after the epoch of the run
  std::uint64_t seed = 0;  // for this call's own choices (SSRCs, user names)
};

struct Plan {
  std::uint64_t seed = 1;
  int bots_per_call = 2;
  std::vector<PlannedCall> calls;
  Duration lastStart() const { return calls.empty() ? Duration::zero() : calls.back().start; }
};

Plan makePlan(const Scenario& scenario);
// Of a scenario that may grow, the plan at its largest; it begins with all of makePlan.
Plan makeLargestPlan(const Scenario& scenario);

// From the start of a call to its end: when all goes well, without the wait for an answer or a
// partner; and at most, by its deadlines.
Duration usualLength(const Scenario& scenario);
Duration longestLength(const Scenario& scenario);

std::size_t firstCalls(const Scenario& scenario);  // of all arms, before the run grows

std::string planJson(const Plan& plan, const Scenario& scenario);

// When calls start: `count` instants in rising order, the first at zero, in whole microseconds (so that a plan can be
// written and read without loss).
//   kEven     1 / rate apart
//   kPoisson  gaps drawn from an exponential distribution of that mean: what independent people do,
//             and what meets every phase of a server's periodic work
std::vector<Duration> arrivalOffsets(ArrivalShape shape, double rate_per_s, int count,
                                     Random& random);

}  // namespace turnout
