// Asks all servers at one time, and what the NAT does: a report within the limit and half a second,
// however many servers are dead.
//
// Threads: the loop's, which runs on the thread that constructs and destroys it.
#pragma once

#include "pipelines/base/loop.h"
#include "pipelines/ice/ice_server.h"
#include "pipelines/probe/nat_probe.h"
#include "pipelines/probe/probe_report.h"
#include "pipelines/probe/server_probe.h"

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace turnout {

struct ProbeTarget {
  IceServer server;
  Expectation expectation = Expectation::kMustWork;
};

class Probe {
 public:
  using OnDone = std::function<void(const ProbeReport&)>;

  // `on_done` comes once, from the loop; it may destroy the probe.
  Probe(Loop& loop, std::vector<ProbeTarget> targets, ProbeOptions options, OnDone on_done);

  // Ends it before its time; `on_done` still follows, once what was allocated is released.
  void stop();

 private:
  void start();
  void onPartDone();

  Loop& loop_;
  const std::vector<ProbeTarget> targets_;
  const ProbeOptions options_;
  OnDone on_done_;
  const Instant began_;
  std::vector<std::unique_ptr<ServerProbe>> servers_;
  std::optional<NatProbe> nat_;
  std::size_t pending_ = 0;
  Timer start_;
};

// The same hosts over UDP, TCP and TLS, each URL once: plain on the port of a host's turn: URL or
// 3478, TLS on that of its turns: URL or 5349. What is not in `servers` is only tried.
std::vector<ProbeTarget> allTransportsOf(const std::vector<IceServer>& servers);

}  // namespace turnout
