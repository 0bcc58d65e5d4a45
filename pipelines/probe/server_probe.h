// Everything about one server URL: the way there, what it answers, and for TURN whether data really
// flows through it, between two relays and from outside. Two allocations are made; both are released
// whatever happens.
//
// Threads: the loop's.
#pragma once

#include "pipelines/base/loop.h"
#include "pipelines/probe/probe_report.h"
#include "pipelines/probe/relay_data.h"
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

  struct Setup {
    IceServer server;
    Expectation expectation = Expectation::kMustWork;
    std::string address = {};  // a literal: instead of the host's own, as after 300 Try Alternate
  };

  // `on_done` comes once, from the loop; it may destroy the probe. Call from the loop.
  ServerProbe(Loop& loop, const Setup& setup, const ProbeOptions& options,
              std::function<void()> on_done);

  // Where the server sends its clients (300 Try Alternate, RFC 8489 10).
  const std::optional<sockaddr_storage>& alternate() const { return alternate_; }

  const ServerReport& report() const { return report_; }
  void stop();  // before its time: the report says so, allocations are released

 private:
  Duration left() const;
  void onNearStarted();
  void startFar();
  void onFarStarted();
  void permitBoth();
  void onPermitted(const std::optional<IceServerOutcome>& fault);
  void onEcho(std::optional<double> echo_ms);
  void testFromOutside();
  void onOutside(const OutsideEcho::Result& result);
  void bindChannel();
  void onBound(const std::optional<IceServerOutcome>& fault);
  void onChannelEcho(std::optional<double> echo_ms);
  void burstOrRelease();
  void onBurst(const ProbeBurst& burst);
  void fail(IceServerOutcome fault);
  IceServerOutcome faultOf(ServerStage stage, ServerFault fault) const;
  void release();
  void onReleased();
  void describeNear();
  void compareRelay(const sockaddr_storage& relayed);

  Loop& loop_;
  const IceServer server_;
  const ProbeOptions options_;
  const Instant began_;
  std::function<void()> on_done_;
  ServerReport report_;
  TurnLeg near_;
  std::optional<TurnLeg> far_;
  std::optional<DataEcho> echo_;
  std::optional<OutsideEcho> outside_;
  std::optional<DataBurst> burst_;
  int pending_ = 0;  // of two requests that go together
  std::optional<sockaddr_storage> alternate_;
  bool is_over_ = false;
  Timer next_, done_;
};

// A relay of one server and a relay of another permit each other and send data there and back.
class CrossProbe {
 public:
  // `on_done` comes once, from the loop; it may destroy the probe. Both allocations are released.
  CrossProbe(Loop& loop, const ServerProbe::Setup& one, const ServerProbe::Setup& other,
             const ProbeOptions& options, std::function<void()> on_done);

  const CrossReport& report() const { return report_; }
  void stop();

 private:
  void onStarted();
  void onPermitted(const std::optional<IceServerOutcome>& fault);
  void onEcho(std::optional<double> echo_ms);
  void fail(const IceServerOutcome& fault);
  void release();

  Loop& loop_;
  std::function<void()> on_done_;
  CrossReport report_;
  TurnLeg near_, far_;
  std::optional<DataEcho> echo_;
  int pending_ = 2;  // of two things that go together
  bool is_over_ = false;
  Timer done_;
};

}  // namespace turnout
