// What to do about a server that does not work: one or two sentences for a person. Pure.
#pragma once

#include "pipelines/probe/probe_report.h"

#include <chrono>
#include <string>

namespace turnout {

// What failed, in a few words: "401 Unauthorized", "TLS: certificate expired".
std::string faultText(const ServerReport& report);

// `now` as Unix time: user names of the TURN REST scheme tell when they expire. Empty: it works.
std::string remedyFor(const ServerReport& report, std::chrono::seconds now);

}  // namespace turnout
