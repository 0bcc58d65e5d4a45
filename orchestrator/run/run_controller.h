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
// No phase lasts for ever, whatever children do: each has a limit, kRunning by that of its calls.
//
// Threads: the loop's.
#pragma once

#include "orchestrator/ice_servers/supply/call_servers.h"
#include "orchestrator/run/fault_injector.h"
#include "orchestrator/run/host_fleet.h"
#include "orchestrator/run/run_services.h"
#include "orchestrator/run/running_call.h"
#include "orchestrator/run/signaling_probe.h"
#include "scenarios/plan.h"
#include "scenarios/scenario.h"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace turnout {

struct RunSetup {
  Scenario scenario;
  std::string scenario_text;  // the same, as bot hosts read it: with no secret in it
  Plan plan;                  // at its largest
  // Of a scenario that may grow: asked each time all calls planned so far have ended, when every
  // event of them was passed on. Else empty.
  std::function<SampleJudged()> judge_sample = {};
  std::string run_id;
  std::string directory;        // exists; for the logs of children
  std::string turnout_program;  // serves signaling
  std::string host_program;
  SignalingAccess signaling{};  // of scenario.signaling
  Lab* lab = nullptr;  // of a scenario with networks, of its labPlacesOf(); outlives the run
  std::optional<LabChecked> lab_checked{};
  std::string versions_json = "{}";
  int hosts = 1;
  std::vector<Settings> server_settings{};  // for arms with the source "environment"
  ServerPolicy server_policy{};
  std::optional<HostProcess::Limits> host_limits{};  // absent: as suits the number of hosts
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
  void lookAtSignaling();
  void onServicesFailed(const Error& error) override { fail(error); }
  void onServicesGone() override;
  void onFleetReady() override;
  void onBotReport(const BotReport& report) override;
  void onBotLost(int call, int bot) override;
  void onFleetFailed(const Error& error) override;
  void onFleetGone() override;

  // The only writer of the phase. `why` goes into the log of debugging.
  void enter(Phase phase, Instant at, std::string_view why);
  bool isConsistent() const;
  std::optional<Duration> limitOf(Phase phase) const;
  HostProcess::Limits hostLimits() const;
  void onOverdue();
  void begin(Instant epoch);
  void onUnauthorized(int call);
  void dispatchDue();
  Instant startOf(const PlannedCall& call) const { return *epoch_ + call.start + delay_; }
  std::string nameFor(const TurnArm& arm) const;
  Result<std::vector<BotOrder>> ordersFor(const PlannedCall& call);
  bool assign(const PlannedCall& call, const std::vector<BotOrder>& orders);
  HostSetup hostSetup() const;
  std::vector<HostFleet::Config::Place> hostPlaces() const;
  void follow(int call);  // passes on what its bots are to know, and lets go of it at its end
  void goOnIfAllEnded();
  void grow();
  void stop(RunEnd end);
  void fail(const Error& error);

  Loop& loop_;
  RunSetup setup_;
  EventSink& events_;
  std::function<void(Result<RunEnd>)> on_finished_;
  Phase phase_ = Phase::kStartingServices;
  const LabPlaces places_;  // empty: no networks
  RunServices services_;
  CallServers call_servers_;
  FaultInjector faults_;
  std::optional<HostFleet> fleet_;
  std::vector<std::pair<Event, std::string>> early_;  // events before the epoch was known
  std::optional<Instant> epoch_;
  std::size_t planned_;              // calls to be made, as far as is decided
  Duration delay_{};                 // of calls that were added later, behind the plan
  std::size_t dispatched_ = 0;       // calls handed out, in order of the plan
  std::map<int, RunningCall> open_;  // handed out and not ended, by call
  RunEnd end_ = RunEnd::kCompleted;
  std::optional<Error> error_;
  std::string local_addresses_;  // that bots bind to, for the log
  std::optional<SignalingProbe> signaling_probe_;
  std::optional<LoopWatch> watch_;  // of this process, while it runs
  Timer next_dispatch_, bound_, overdue_;
};

// A name that a signaling server takes as the beginning of rooms and users (docs/PROTOCOL.md): the wanted
// one, or if that is too long or no text, its beginning and a hash of all of it.
std::string signalingName(const std::string& wanted);

}  // namespace turnout
