// The files that `turnout report` and `turnout run` write on request, next to the screen.
#pragma once

#include "orchestrator/cli/command.h"
#include "orchestrator/exit_code.h"
#include "orchestrator/results/fold/summary.h"
#include "orchestrator/results/judge/verdict.h"
#include "pipelines/base/result.h"

#include <string>

namespace turnout {

// --html, --junit, --json, --prometheus, --csv; each takes a file, "-" is stdout.
void addReportOptions(po::options_description& options);

// At most one may go to stdout, and then the screen report does not.
Result<Done> checkReportOptions(const po::variables_map& options);
bool isStdoutTaken(const po::variables_map& options);

// `directory`: of the run, for what is read from its log again. Writes all it can; the first error.
Result<Done> writeReportFiles(const po::variables_map& options, const JudgedRun& run,
                              const std::string& directory);

// How a judged run is told on the screen, and as an exit code.
enum class ScreenStyle { kColourOnTerminal, kPlain };

void printReport(const Summary& summary, const Verdict& verdict, ScreenStyle style);
ExitCode exitCodeOf(Ruling ruling);

}  // namespace turnout
