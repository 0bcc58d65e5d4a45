// Times until something that not every call, or step, reached: those that gave up are censored at
// the horizon however early they did, those that turnout lost where it lost them.
#pragma once

#include "orchestrator/statistics/kaplan_meier.h"

namespace turnout {

struct WaitingTimes {
  SurvivalCurve curve;
  double horizon_ms = 0;
};

}  // namespace turnout
