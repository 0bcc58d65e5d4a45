// A probe's report for programs (docs/PROBE.md). Pure.
#pragma once

#include "pipelines/probe/probe_report.h"

#include <chrono>
#include <string>

namespace turnout {

// Indented. `now` as Unix time: what expired has a remedy of its own.
std::string probeJson(const ProbeReport& report, std::chrono::seconds now);

}  // namespace turnout
