// Everything about one server URL: the way there, what it answers, and for TURN whether data really
// flows through it. Two allocations are made; both are released whatever happens.
//
// Threads: the loop's.
#pragma once

#include "pipelines/base/loop.h"
#include "pipelines/probe/data_burst.h"
#include "pipelines/probe/data_echo.h"
#include "pipelines/probe/probe_report.h"
#include "pipelines/probe/turn_leg.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace turnout {

struct ProbeOptions {
  Duration limit = 4s;             // per server; releasing comes after it
  std::string local_address = {};  // a literal to come from; empty: any
  bool with_echo = true;           // needs a second allocation
  bool with_burst = false;
};

class ServerProbe {
 public:
  static constexpr Duration kReleaseLimit = 500ms;

  // `on_done` comes once, from the loop; it may destroy the probe. Call from the loop.
  ServerProbe(Loop& loop, const IceServer& server, Expectation expectation,
              const ProbeOptions& options, std::function<void()> on_done);

  const ServerReport& report() const { return report_; }
  void stop();  // before its time: the report says so, allocations are released

 private:
  Duration left() const;
  void onNearStarted();
  void startFar();
  void onFarStarted();
  void permitBoth();
  void onPermitted();
  void onEcho(std::optional<double> echo_ms);
  void onBurst(const ProbeBurst& burst);
  void fail(ProbeFault fault);
  void release();
  void onReleased();
  void describeNear();

  Loop& loop_;
  const IceServer server_;
  const ProbeOptions options_;
  const Instant began_;
  std::function<void()> on_done_;
  ServerReport report_;
  TurnLeg near_;
  std::optional<TurnLeg> far_;
  std::optional<DataEcho> echo_;
  std::optional<DataBurst> burst_;
  int pending_ = 0;  // of two requests that go together
  bool is_over_ = false;
  Timer done_;
};

}  // namespace turnout
