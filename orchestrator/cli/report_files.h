// The files that `turnout report` and `turnout run` write on request, next to the screen.
#pragma once

#include "orchestrator/cli/options.h"
#include "orchestrator/results/judge/judged_run.h"

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

}  // namespace turnout
