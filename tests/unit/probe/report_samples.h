// Reports as a probe would make them.
#pragma once

#include "pipelines/probe/probe_report.h"

#include <chrono>
#include <string>

namespace turnout {

inline constexpr std::chrono::seconds kProbedAt{1795248542};

ServerReport workingServer(const std::string& url);
ServerReport failingServer(const std::string& url, ServerStage stage, int code,
                           const std::string& text);
ProbeReport mixedReport();  // servers that work and fail in several ways, behind a NAT

}  // namespace turnout
