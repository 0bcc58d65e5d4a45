// The report for the person who started the run: one screen of plain text, 100 columns at most,
// however many calls, servers and errors there were; last the verdict and one sentence.
#pragma once

#include "orchestrator/results/fold/summary.h"
#include "orchestrator/results/judge/verdict.h"

#include <string>

namespace turnout {

enum class Colour { kNone, kAnsi };

std::string consoleReport(const Summary& summary, const Verdict& verdict, Colour colour);

}  // namespace turnout
