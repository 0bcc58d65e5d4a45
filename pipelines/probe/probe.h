// Asks all servers at one time, and what the NAT does: a report within the limit and half a second,
// however many servers are dead. Servers that send their clients elsewhere (300) are followed, and
// what works is tried across servers, which takes some more time.
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
#include <set>
#include <string>
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
  struct Part {
    std::size_t target = 0;  // of targets_
    std::unique_ptr<ServerProbe> probe;
    std::string redirected_by = {};  // an address; empty: the URL's own host
    int redirections = 0;
  };

  void start();
  void startServer(Part part, ServerProbe::Setup setup);
  void onServerDone(std::size_t part);
  bool follow(const Part& part);
  void onPartDone();
  void startCrossings();
  void finish();

  Loop& loop_;
  const std::vector<ProbeTarget> targets_;
  const ProbeOptions options_;
  OnDone on_done_;
  const Instant began_;
  std::vector<Part> parts_;
  std::set<std::string> alternates_;  // asked already, "transport ip:port"
  std::vector<std::unique_ptr<CrossProbe>> crossings_;
  std::optional<NatProbe> nat_;
  bool is_stopped_ = false;
  std::size_t pending_ = 0;
  Timer start_;
};

// The same hosts over UDP, TCP and TLS, each URL once: plain on the port of a host's turn: URL or
// 3478, TLS on that of its turns: URL or 5349. What is not in `servers` is only tried.
std::vector<ProbeTarget> allTransportsOf(const std::vector<IceServer>& servers);

}  // namespace turnout
