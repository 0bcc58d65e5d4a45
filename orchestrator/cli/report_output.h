// How a judged run is told on the screen, and as an exit code.
#pragma once

#include "orchestrator/exit_code.h"
#include "orchestrator/results/fold/summary.h"
#include "orchestrator/results/judge/verdict.h"

namespace turnout {

enum class ScreenStyle { kColourOnTerminal, kPlain };

void printReport(const Summary& summary, const Verdict& verdict, ScreenStyle style);
ExitCode exitCodeOf(Ruling ruling);

}  // namespace turnout
