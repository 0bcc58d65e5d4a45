// One run from start to end: services up, hosts warm, each call handed to a host shortly before its
// start, everything down again. It decides when; what happened is in the events it passes on.
//
//   phase              | entered when               | left when
//   kStartingServices  | start()                    | sources of servers and services answer
//   kStartingHosts     | services are up            | all hosts are warm
//   kRunning           | epoch chosen               | every call ended and no more are to be
//                      |                            | made, or none can end any more
//   kStoppingHosts     | the run is over, or fails  | all hosts exited
//   kStoppingServices  | hosts are gone             | all services exited
//   kFinished          | on_finished called         |
//
// Threads: the loop's.
#pragma once

#include "orchestrator/ice_servers/supply/call_servers.h"
#include "orchestrator/ice_servers/supply/server_sources.h"
#include "orchestrator/run/fault_injector.h"
#include "orchestrator/run/host_fleet.h"
#include "orchestrator/run/run_services.h"
#include "scenarios/plan.h"
#include "scenarios/scenario.h"

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace turnout {

struct RunSetup {
  Scenario scenario;
  Plan plan;  // at its largest
  // Of a scenario that may grow: asked each time all calls planned so far have ended, when every
  // event of them was passed on. Else empty.
  std::function<SampleJudged()> judge_sample = {};
  std::string run_id;
  std::string directory;        // exists; for the logs of children
  std::string turnout_program;  // serves signaling
  std::string host_program;
  std::string signaling_url;  // empty: our own server
  std::string versions_json = "{}";
  int hosts = 1;
  std::vector<Settings> server_settings{};  // for arms with the source "environment"
  ServerPolicy server_policy{};
};

enum class RunEnd { kCompleted, kInterrupted, kCutShort };

class RunController : private EventSink,
                      private HostFleet::Listener,
                      private RunServices::Listener {
 public:
  enum class Phase {
    kStartingServices,
    kStartingHosts,
    kRunning,
    kStoppingHosts,
    kStoppingServices,
    kFinished
  };

  // `on_finished` once, after all children are gone: how the run ended, or why it could not be
  // begun. The first event passed on is RunStarted, the last RunFinished.
  RunController(Loop& loop, RunSetup setup, EventSink& events,
                std::function<void(Result<RunEnd>)> on_finished);

  void start();
  // The first time: no more calls, bots leave, then the end. The second time: everything is killed.
  void interrupt();
  Phase phase() const { return phase_; }

 private:
  void add(const Event& event, std::string_view line) override;
  void onSourcesRead(const Result<Done>& read);
  void onServicesUp() override;
  void onServicesFailed(const Error& error) override { fail(error); }
  void onServicesGone() override;
  void onFleetReady() override;
  void onCallEnded(int call) override;
  void onCallLost(int call) override { onCallEnded(call); }
  void onFleetFailed(const Error& error) override;
  void onFleetGone() override;

  void begin(Instant epoch);
  void onUnauthorized(int call);
  void dispatchDue();
  Instant startOf(const PlannedCall& call) const { return *epoch_ + call.start + delay_; }
  std::string nameFor(const TurnArm& arm) const;
  Result<CallOrder> orderFor(const PlannedCall& call);
  Duration longestCall() const;
  void goOnIfAllEnded();
  void grow();
  void stop(RunEnd end);
  void fail(const Error& error);

  Loop& loop_;
  RunSetup setup_;
  EventSink& events_;
  std::function<void(Result<RunEnd>)> on_finished_;
  Phase phase_ = Phase::kStartingServices;
  ServerSources sources_;
  RunServices services_;
  CallServers call_servers_;
  FaultInjector faults_;
  std::optional<HostFleet> fleet_;
  std::vector<std::pair<Event, std::string>> early_;  // events before the epoch was known
  std::optional<Instant> epoch_;
  std::size_t planned_;         // calls to be made, as far as is decided
  Duration delay_{};            // of calls that were added later, behind the plan
  std::size_t dispatched_ = 0;  // calls handed out, in order of the plan
  int open_calls_ = 0;          // handed out and not ended
  RunEnd end_ = RunEnd::kCompleted;
  std::optional<Error> error_;
  Timer next_dispatch_, bound_;
};

// The addresses bots bind to: loopback when every server of every arm is on this machine, so that
// no packet leaves it; empty (all interfaces) otherwise.
std::vector<std::string> localAddressesFor(const Scenario& scenario);

}  // namespace turnout
