#include "orchestrator/statistics/interval.h"

namespace turnout {
Decision decide(Interval interval, double limit, GoodSide good) {
  const bool above = good == GoodSide::kAbove;
  if (above ? interval.low >= limit : interval.high <= limit)
    return Decision::kGood;
  if (above ? interval.high < limit : interval.low > limit)
    return Decision::kBad;
  return Decision::kOpen;
}

}  // namespace turnout
