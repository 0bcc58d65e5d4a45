// Unix signals as tasks on a loop.
#pragma once

#include "pipelines/base/loop.h"

#include <vector>

namespace turnout {

// `task` at each signal that asks a program to end, until the Timers are gone: SIGINT (Ctrl-C),
// SIGTERM, and SIGHUP (the terminal is gone) unless it is ignored, as under nohup.
std::vector<Timer> onEndSignals(Loop& loop, const Loop::Task& task);

}  // namespace turnout
