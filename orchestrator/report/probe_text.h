// A probe's report for people: a row for each URL, then what to do about each kind of failure, then
// what the NAT does. Pure.
#pragma once

#include "pipelines/probe/probe_report.h"

#include <chrono>
#include <string>

namespace turnout {

// `now` as Unix time: what expired has a remedy of its own.
std::string probeText(const ProbeReport& report, std::chrono::seconds now);

}  // namespace turnout
