// A Unix signal as a task on a loop.
#pragma once

#include "pipelines/base/loop.h"

namespace turnout {

// `task` at each SIGNUM until the Timer is gone; the signal's usual effect is off from then on.
Timer onSignal(Loop& loop, int signum, Loop::Task task);

}  // namespace turnout
