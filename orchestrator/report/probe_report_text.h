// A probe's report for people and for programs (docs/PROBE.md). Pure. `now` is Unix time: what
// expired has a remedy of its own.
#pragma once

#include "pipelines/probe/probe_report.h"

#include <chrono>
#include <string>

namespace turnout {

// A row for each URL, then what to do about each kind of failure, then what the NAT does.
std::string probeText(const ProbeReport& report, std::chrono::seconds now);

// What the NAT means for calls, in one sentence.
std::string natSentence(const NatReport& report);

std::string probeJson(const ProbeReport& report, std::chrono::seconds now);  // indented

}  // namespace turnout
