#include "orchestrator/run/run_controller.h"

#include "scenarios/placeholder.h"

#include <algorithm>
#include <utility>

namespace turnout {
namespace {

constexpr auto kDispatchLead = 1500ms;  // a host gets a call so long before its start
constexpr auto kEpochDelay = 300ms;     // from "all are warm" to the zero of the plan
constexpr auto kOverdue = 5s;           // beyond the sum of a call's deadlines
constexpr int kUnauthorized = 401;

HostSetup hostSetupFor(const RunSetup& run, const std::string& signaling_url) {
  const Scenario& scenario = run.scenario;
  return {.host = 0,
          .signaling_url = signaling_url,
          .profile = scenario.profile,
          .media = scenario.media,
          .shape = scenario.shape,
          .messages = scenario.messages,
          .steps = scenario.steps,
          .recovery = scenario.recovery,
          .hold = scenario.hold,
          .deadlines = scenario.deadlines,
          .local_addresses = localAddressesFor(scenario)};
}

const char* reasonText(RunEnd end) {
  switch (end) {
    case RunEnd::kCompleted:
      return "completed";
    case RunEnd::kInterrupted:
      return "interrupted";
    case RunEnd::kCutShort:
      return "cut short because every bot host died";
  }
  return "";
}

std::size_t firstCalls(const RunSetup& run) {
  return std::min(run.plan.calls.size(), static_cast<std::size_t>(run.scenario.firstCallsPerArm()) *
                                             run.scenario.turn.size());
}

bool isOnThisMachine(const std::string& url) {
  if (placeholderOf(url))
    return true;
  const auto server = parseIceServerUrl(url);
  return server && (server->host == "localhost" || server->host.rfind("127.", 0) == 0);
}

}  // namespace

std::vector<std::string> localAddressesFor(const Scenario& scenario) {
  for (const TurnArm& arm : scenario.turn)
    for (const ScenarioServer& server : arm.ice_servers)
      if (!std::ranges::all_of(server.urls, isOnThisMachine))
        return {};
  return {"127.0.0.1"};
}

RunController::RunController(Loop& loop, RunSetup setup, EventSink& events,
                             std::function<void(Result<RunEnd>)> on_finished)
    : loop_(loop),
      setup_(std::move(setup)),
      events_(events),
      on_finished_(std::move(on_finished)),
      sources_(loop, {.arms = setup_.scenario.turn,
                      .layers = setup_.server_settings,
                      .policy = setup_.server_policy,
                      .on_renewed = [this](std::size_t arm) { call_servers_.renew(arm); }}),
      services_(loop,
                {.turnout_program = setup_.turnout_program,
                 .directory = setup_.directory,
                 .signaling_url = setup_.signaling_url,
                 .session = setup_.scenario.session,
                 .turn_servers = servicesNeeded(setup_.scenario)},
                *this, *this),
      call_servers_(loop, setup_.scenario.turn,
                    [this](const ServersForCall& servers) { fleet_->renew(servers); }),
      faults_(loop, setup_.scenario.faults, services_, call_servers_, *this),
      planned_(firstCalls(setup_)) {}

void RunController::start() {
  const auto hits_signaling = [](const ServiceFault& fault) {
    return fault.kind == ServiceFaultKind::kServerRestart;
  };
  if (!setup_.signaling_url.empty() && std::ranges::any_of(setup_.scenario.faults, hits_signaling))
    return fail({ErrorCode::kUsage,
                 "the scenario restarts the signaling server (server_restart), so it must be the "
                 "run's own: leave out --signaling"});
  call_servers_.setSources(sources_);
  const auto asked = sources_.start([this](const Result<Done>& read) { onSourcesRead(read); });
  if (!asked)
    fail(asked.error());
}

void RunController::onSourcesRead(const Result<Done>& read) {
  if (phase_ != Phase::kStartingServices)
    return;
  const auto started = read ? services_.start() : read;
  if (!started)
    fail(started.error());
}

void RunController::onServicesUp() {
  if (phase_ != Phase::kStartingServices)
    return;
  phase_ = Phase::kStartingHosts;
  call_servers_.setServices(services_.turnServices());
  HostSetup setup = hostSetupFor(setup_, services_.signalingUrl());
  if (!sources_.areAllOnThisMachine())
    setup.local_addresses.clear();
  fleet_.emplace(loop_,
                 HostFleet::Config{.program = setup_.host_program,
                                   .directory = setup_.directory,
                                   .setup = std::move(setup),
                                   .count = setup_.hosts},
                 static_cast<EventSink&>(*this), static_cast<HostFleet::Listener&>(*this));
  if (const auto started = fleet_->start(); !started)
    fail(started.error());
}

void RunController::onFleetReady() {
  if (phase_ == Phase::kStartingHosts && fleet_->isComplete()) {
    phase_ = Phase::kRunning;
    begin(now() + kEpochDelay);
    if (!setup_.plan.calls.empty())
      faults_.start(*epoch_ + setup_.plan.calls.front().start);
  }
  if (phase_ == Phase::kRunning)
    dispatchDue();
}

void RunController::begin(Instant epoch) {
  epoch_ = epoch;
  events_.tell(RunStarted{.epoch_ns = toNs(epoch),
                          .run_id = setup_.run_id,
                          .scenario = setup_.scenario.name,
                          .profile = setup_.scenario.profile,
                          .wall_clock = wallClockText(),
                          .versions_json = setup_.versions_json,
                          .seed = setup_.plan.seed});
  for (const auto& [event, line] : early_)
    events_.add(event, line);
  early_.clear();
}

void RunController::add(const Event& event, std::string_view line) {
  const auto* outcome = std::get_if<ServerOutcome>(&event.body);
  if (outcome && outcome->code == kUnauthorized)
    onUnauthorized(event.call);
  if (epoch_)
    events_.add(event, line);
  else
    early_.emplace_back(event, line);
}

// What a provider gave and a server refuses is replaced; calls that begin later get the new.
void RunController::onUnauthorized(int call) {
  const auto& calls = setup_.plan.calls;
  if (std::in_range<std::size_t>(call) && static_cast<std::size_t>(call) < calls.size())
    sources_.renew(static_cast<std::size_t>(calls[static_cast<std::size_t>(call)].arm));
}

void RunController::dispatchDue() {
  const auto& calls = setup_.plan.calls;
  for (; dispatched_ < planned_; ++dispatched_) {
    const PlannedCall& call = calls[dispatched_];
    const Instant due = startOf(call) - kDispatchLead;
    if (due > now()) {
      next_dispatch_ = loop_.at(due, [this] { dispatchDue(); });
      return;
    }
    const auto order = orderFor(call);
    if (!order)
      return fail(order.error());
    if (!fleet_->assign(*order))
      return;  // until a host is ready; the bots' schedule lag tells of the delay
    open_calls_++;
  }
  const Instant last_start = planned_ > 0 ? startOf(calls[planned_ - 1]) : *epoch_;
  bound_ = loop_.at(std::max(now(), last_start) + longestCall() + kOverdue,
                    [this] { stop(RunEnd::kCompleted); });
  goOnIfAllEnded();
}

// Guests come by themselves, so the names of their calls must be known before the run; all others
// are of this run alone, in case another uses the same server.
std::string RunController::nameFor(const TurnArm& arm) const {
  const bool has_guests = setup_.scenario.shape.guests > 0;
  return (has_guests ? setup_.scenario.name : setup_.run_id) + "-" + arm.name;
}

Result<CallOrder> RunController::orderFor(const PlannedCall& call) {
  const TurnArm& arm = setup_.scenario.turn.at(static_cast<std::size_t>(call.arm));
  const std::string id = std::to_string(call.id);
  auto servers = call_servers_.begin(call);
  if (!servers)
    return servers.error();
  return CallOrder{.call = call.id,
                   .room = nameFor(arm) + "-" + id,
                   .pool = nameFor(arm),
                   .start = startOf(call),
                   .seed = call.seed,
                   .relay_only = arm.relay_only,
                   .servers = std::move(*servers)};
}

// As long as every deadline allows.
Duration RunController::longestCall() const {
  const Scenario& scenario = setup_.scenario;
  const Scenario::Deadlines& limits = scenario.deadlines;
  const Duration wait = scenario.shape.kind == CallMode::kRoom ? 0ms : limits.wait;
  const Duration up = wait + limits.connect + limits.first_media;
  Duration steps{};
  for (const Step& step : scenario.steps)
    steps += step.delay + std::max(step.away, step.lasting) + limits.recover + up;
  for (const ServiceFault& fault : scenario.faults)  // who lost a link holds it anew
    steps += fault.lasting.value_or(0ms) + limits.recover + scenario.hold;
  return up + steps + scenario.hold + limits.leave;
}

void RunController::onCallEnded(int call) {
  call_servers_.end(call);
  open_calls_--;
  goOnIfAllEnded();
}

void RunController::goOnIfAllEnded() {
  if (phase_ != Phase::kRunning || dispatched_ < planned_ || open_calls_ > 0)
    return;
  if (setup_.judge_sample)
    grow();
  if (dispatched_ == planned_)
    stop(RunEnd::kCompleted);
}

// As if the plan had gone on without the wait for the last calls.
void RunController::grow() {
  SampleJudged look = setup_.judge_sample();
  const auto planned = static_cast<std::size_t>(look.planned);
  if (planned > planned_) {
    const Instant in_plan = *epoch_ + setup_.plan.calls[planned_].start;
    delay_ = std::max(Duration::zero(), now() + kDispatchLead - in_plan);
    look.delay_ns = std::chrono::nanoseconds(delay_).count();
    planned_ = planned;
    bound_.cancel();
    next_dispatch_ = loop_.after(0ms, [this] { dispatchDue(); });
  }
  events_.tell(look);
}

void RunController::onFleetFailed(const Error& error) {
  if (phase_ == Phase::kRunning)
    stop(RunEnd::kCutShort);
  else if (phase_ == Phase::kStartingHosts)
    fail(error);
}

void RunController::interrupt() {
  if (phase_ == Phase::kStoppingHosts)
    fleet_->kill();
  else if (phase_ < Phase::kStoppingHosts)
    stop(RunEnd::kInterrupted);
}

void RunController::fail(const Error& error) {
  if (phase_ >= Phase::kStoppingHosts)
    return;
  error_ = error;
  stop(RunEnd::kCutShort);
}

void RunController::stop(RunEnd end) {
  if (phase_ >= Phase::kStoppingHosts)
    return;
  phase_ = Phase::kStoppingHosts;
  end_ = end;
  faults_.stop();
  call_servers_.endAll();
  next_dispatch_.cancel();
  bound_.cancel();
  if (!epoch_ && !error_)
    begin(now());
  if (fleet_)
    fleet_->stop(setup_.scenario.deadlines.leave);
  else
    onFleetGone();
}

void RunController::onFleetGone() {
  if (phase_ != Phase::kStoppingHosts)
    return;
  phase_ = Phase::kStoppingServices;
  services_.stop();
}

void RunController::onServicesGone() {
  if (phase_ != Phase::kStoppingServices)
    return;
  phase_ = Phase::kFinished;
  if (error_)
    return on_finished_(*error_);
  events_.tell(RunFinished{reasonText(end_)});
  on_finished_(end_);
}

}  // namespace turnout
