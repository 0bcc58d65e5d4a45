// How a judged run is told: on the screen or as JSON, and as an exit code.
#pragma once

#include "orchestrator/exit_code.h"
#include "orchestrator/results/summary.h"
#include "orchestrator/results/verdict.h"

namespace turnout {

enum class ReportFormat { kScreen, kScreenWithoutColour, kJson };

void printReport(const Summary& summary, const Verdict& verdict, ReportFormat format);
ExitCode exitCodeOf(Ruling ruling);

}  // namespace turnout
