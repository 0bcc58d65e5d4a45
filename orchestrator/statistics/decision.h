// An interval against a limit, in three states: what is not proved either way stays open.
#pragma once

#include "orchestrator/statistics/interval.h"

namespace turnout {

enum class GoodSide { kAbove, kBelow };
enum class Decision {
  kGood,  // the whole interval is on the good side; the limit itself is good
  kBad,   // the whole interval is on the bad side
  kOpen,  // the limit is inside
};

Decision decide(Interval interval, double limit, GoodSide good);

}  // namespace turnout
