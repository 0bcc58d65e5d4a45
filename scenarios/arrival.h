// When calls start. Pure: a shape, a rate and a stream of chance in, offsets out.
#pragma once

#include "pipelines/base/clock.h"
#include "pipelines/base/random.h"
#include "scenarios/scenario.h"

#include <vector>

namespace turnout {

// `count` instants in rising order, the first at zero, in whole microseconds (so that a plan can be
// written and read without loss).
//   kEven     1 / rate apart
//   kPoisson  gaps drawn from an exponential distribution of that mean: what independent people do,
//             and what meets every phase of a server's periodic work
std::vector<Duration> arrivalOffsets(ArrivalShape shape, double rate_per_s, int count,
                                     Random& random);

}  // namespace turnout
