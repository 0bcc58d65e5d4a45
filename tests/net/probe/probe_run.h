// One probe, from start to report, on a loop of its own.
#pragma once

#include "pipelines/probe/probe.h"

#include <vector>

#include <gtest/gtest.h>

namespace turnout {

inline ProbeReport probe(const std::vector<IceServer>& servers, const ProbeOptions& options = {}) {
  Loop loop;
  std::vector<ProbeTarget> targets;
  for (const IceServer& server : servers)
    targets.push_back({server});
  std::optional<ProbeReport> report;
  Probe run(loop, targets, options, [&](const ProbeReport& done) { report = done; });
  EXPECT_TRUE(loop.runUntil([&] { return report.has_value(); }, 20s)) << "no report";
  return report.value_or(ProbeReport{});
}

inline ServerReport probe(const IceServer& server, const ProbeOptions& options = {}) {
  const ProbeReport report = probe(std::vector{server}, options);
  EXPECT_EQ(report.servers.size(), 1u);
  return report.servers.empty() ? ServerReport{} : report.servers[0];
}

}  // namespace turnout
