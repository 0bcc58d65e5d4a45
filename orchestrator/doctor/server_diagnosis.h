// What is wrong with a server that was probed, in the words of docs/DIAGNOSIS.md. Pure.
#pragma once

#include "orchestrator/results/diagnosis/primary_cause.h"
#include "pipelines/probe/probe_report.h"

#include <chrono>
#include <optional>

namespace turnout {

// Absent: it works. `all`: the others that were probed, for what they know of the same host. `now`
// as Unix time.
std::optional<Diagnosis> diagnosisOf(const ServerReport& server, const ProbeReport& all,
                                     std::chrono::seconds now);

}  // namespace turnout
