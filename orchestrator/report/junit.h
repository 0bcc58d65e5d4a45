// A run for the test page of a CI: JUnit XML. One suite per arm that has thresholds and one for all
// calls pooled, one testcase per threshold: its text tells estimate, 95 % interval and n, and it is
// skipped when so few calls leave the threshold open. A last suite, "turnout", has the one testcase
// whether the run could be judged at all: an error, not a failure, when it could not.
// docs/REPORTS.md.
#pragma once

#include "orchestrator/results/judge/judged_run.h"

#include <string>

namespace turnout {

std::string junitXml(const JudgedRun& run);

}  // namespace turnout
