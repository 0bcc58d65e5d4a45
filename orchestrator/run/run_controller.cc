#include "orchestrator/run/run_controller.h"

#include "orchestrator/run/local_addresses.h"
#include "pipelines/base/gobject_ref.h"
#include "pipelines/base/log.h"
#include "pipelines/base/server_url.h"
#include "scenarios/server_source.h"

#include <algorithm>
#include <utility>

namespace turnout {
namespace {

constexpr auto kDispatchLead = 1500ms;  // a host gets a call so long before its start
constexpr auto kEpochDelay = 300ms;     // from "all are warm" to the zero of the plan
constexpr auto kOverdue = 5s;           // beyond the sum of a call's deadlines
constexpr auto kServicesLimit = 60s;  // each service has a limit of its own, and so has each source
constexpr auto kHostStartLimit = 30s;  // usual: 1 s
constexpr auto kEachHostStarts = 5s;   // more for each, for they share the processors
constexpr auto kGoneLimit = 15s;       // from the last kill until children must be gone
constexpr int kUnauthorized = 401;

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

// At least one, so that a limit is one.
int shareOf(const Scenario& scenario, int hosts) {
  const int limit = scenario.server_requests_per_s;
  return limit == 0 ? 0 : std::max(1, limit / std::max(1, hosts));
}

}  // namespace

std::string signalingName(const std::string& wanted) {
  constexpr std::size_t kLongest = 100;  // bytes; a server takes 128, with what calls and bots add
  constexpr std::size_t kKept = 80;
  const bool is_text = g_utf8_validate(wanted.data(), static_cast<gssize>(wanted.size()), nullptr);
  if (is_text && wanted.size() <= kLongest)
    return wanted;
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a, 64 bits
  for (const unsigned char byte : wanted)
    hash = (hash ^ byte) * 0x100000001b3;
  const Owned<char> digits(g_strdup_printf("%016" G_GINT64_MODIFIER "x", hash));
  std::string kept = is_text ? wanted.substr(0, kKept) : "";
  while (!kept.empty() && !g_utf8_validate(kept.data(), static_cast<gssize>(kept.size()), nullptr))
    kept.pop_back();  // a character that was cut
  return kept + "~" + digits.get();
}

RunController::RunController(Loop& loop, RunSetup setup, EventSink& events,
                             std::function<void(Result<RunEnd>)> on_finished)
    : loop_(loop),
      setup_(std::move(setup)),
      events_(events),
      on_finished_(std::move(on_finished)),
      places_(setup_.scenario.networks ? labPlacesOf(*setup_.scenario.networks) : LabPlaces{}),
      services_(loop,
                {.turnout_program = setup_.turnout_program,
                 .directory = setup_.directory,
                 .signaling_url = setup_.scenario.signaling.url,
                 .session = setup_.scenario.session,
                 .turn_servers = servicesNeeded(setup_.scenario),
                 .lab = setup_.lab},
                *this, *this),
      call_servers_(loop,
                    {.arms = setup_.scenario.turn,
                     .layers = setup_.server_settings,
                     .policy = setup_.server_policy},
                    [this](CallServers::Renewed renewed) {
                      fleet_->tell(renewed.call,
                                   ServersForCall{.call = renewed.call,
                                                  .reason = std::move(renewed.reason),
                                                  .servers = std::move(renewed.servers)});
                    }),
      faults_(loop, setup_.scenario.faults, services_, call_servers_,
              LabFaults(setup_.lab, setup_.scenario.networks), *this),
      planned_(std::min(setup_.plan.calls.size(), firstCalls(setup_.scenario))) {}

void RunController::start() {
  const auto hits_signaling = [](const ServiceFault& fault) {
    return fault.kind == ServiceFaultKind::kServerRestart;
  };
  if (!setup_.scenario.signaling.url.empty() &&
      std::ranges::any_of(setup_.scenario.faults, hits_signaling))
    return fail({ErrorCode::kUsage,
                 "the scenario restarts the signaling server (server_restart), so it must be the "
                 "run's own: leave out --signaling"});
  watch_.emplace(loop_, "loop", [this](const Stall& stall) {
    record(
        Event{stall.began, -1, -1, -1, Stalled{"orchestrator", stall.thread, toMs(stall.length)}});
  });
  overdue_ = loop_.after(kServicesLimit, [this] { onOverdue(); });
  const auto asked = call_servers_.start([this](const Result<Done>& read) { onSourcesRead(read); });
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
  call_servers_.setServices(services_.turnServices());
  lookAtSignaling();
  HostSetup setup = hostSetup();
  local_addresses_ = addressesText(setup.local_addresses);
  fleet_.emplace(loop_,
                 HostFleet::Config{.program = setup_.host_program,
                                   .directory = setup_.directory,
                                   .setup = std::move(setup),
                                   .placement = setup_.scenario.placement,
                                   .count = setup_.hosts,
                                   .places = hostPlaces(),
                                   .limits = hostLimits()},
                 static_cast<EventSink&>(*this), static_cast<HostFleet::Listener&>(*this));
  enter(Phase::kStartingHosts, now(), "services are up");
  if (const auto started = fleet_->start(); !started)
    fail(started.error());
}

HostSetup RunController::hostSetup() const {
  HostSetup setup{.signaling_url = services_.signalingUrl(),
                  .signaling = setup_.signaling,
                  .server_requests_per_s = shareOf(setup_.scenario, setup_.hosts),
                  .scenario = setup_.scenario_text};
  if (places_.sites.empty())
    setup.local_addresses = localAddressesFor(setup_.scenario, call_servers_.areAllOnThisMachine());
  if (const std::string& ca_file = services_.signalingCaFile(); !ca_file.empty())
    setup.signaling.tls_ca_file = ca_file;
  return setup;
}

std::vector<HostFleet::Config::Place> RunController::hostPlaces() const {
  std::vector<HostFleet::Config::Place> places;
  for (std::size_t site = 0; site < places_.sites.size(); ++site)
    places.push_back({.network = setup_.lab->host(site).fd(),
                      .local_addresses = {addressesOf(site, places_.sites[site].nat).host}});
  return places;
}

// A server of the user's that is to speak our own protocol may be something else.
void RunController::lookAtSignaling() {
  const SignalingSource& source = setup_.scenario.signaling;
  const auto server = serverUrl(source.url);
  if (source.url.empty() || !source.dialect.empty() || !server)
    return;
  signaling_probe_.emplace(loop_, server->origin,
                           TlsTrust{setup_.signaling.tls_ca_file, setup_.signaling.tls_verify},
                           [this](SignalingSeen seen) {
                             record(Event{now(), -1, -1, -1, std::move(seen)});
                           });
}

void RunController::onFleetReady() {
  if (phase_ == Phase::kStartingHosts && fleet_->isComplete()) {
    begin(now() + kEpochDelay);
    enter(Phase::kRunning, now(), "every host is warm");
    if (!setup_.plan.calls.empty())
      faults_.start(*epoch_ + setup_.plan.calls.front().start);
  }
  if (phase_ == Phase::kRunning)
    dispatchDue();
}

void RunController::enter(Phase phase, Instant at, std::string_view why) {
  TURNOUT_CHECK(phase > phase_, "the phases of a run only go forwards");
  phase_ = phase;
  log(LogLevel::kDebug, "run",
      "phase " + std::to_string(static_cast<int>(phase)) + " at " + std::to_string(toNs(at)) +
          ": " + std::string(why));
  TURNOUT_DCHECK(isConsistent(), "the state of a run contradicts itself");
  overdue_.cancel();
  if (const auto limit = limitOf(phase))
    overdue_ = loop_.at(at + *limit, [this] { onOverdue(); });
}

// kRunning ends with its last call, which has a bound; kStoppingHosts begins with the bots' leaving.
std::optional<Duration> RunController::limitOf(Phase phase) const {
  switch (phase) {
    case Phase::kStartingServices:
      return kServicesLimit;
    case Phase::kStartingHosts:
      return hostLimits().start * (HostFleet::kReplacements + 1) + kGoneLimit;
    case Phase::kStoppingHosts:
      return setup_.scenario.deadlines.leave + kGoneLimit;
    case Phase::kStoppingServices:
      return kGoneLimit;
    case Phase::kRunning:
    case Phase::kFinished:
      return std::nullopt;
  }
  return std::nullopt;
}

HostProcess::Limits RunController::hostLimits() const {
  HostProcess::Limits usual;
  usual.start += setup_.hosts * kEachHostStarts;
  return setup_.host_limits.value_or(usual);
}

// Children that do not even go when they are killed are left behind: the kernel has them.
void RunController::onOverdue() {
  if (phase_ < Phase::kStoppingHosts)
    return fail({ErrorCode::kEnvironment, phase_ == Phase::kStartingServices
                                              ? "the servers of the run did not start in time"
                                              : "the bot hosts did not start in time"});
  log(LogLevel::kWarning, "run",
      "children that were killed have not gone; the run ends without them");
  if (phase_ == Phase::kStoppingHosts)
    return onFleetGone();
  onServicesGone();
}

bool RunController::isConsistent() const {
  const bool counts = dispatched_ <= planned_ && planned_ <= setup_.plan.calls.size() &&
                      open_.size() <= dispatched_;
  switch (phase_) {
    case Phase::kStartingServices:
      return counts && !fleet_ && !epoch_ && dispatched_ == 0;
    case Phase::kStartingHosts:
      return counts && fleet_ && !epoch_ && dispatched_ == 0;
    case Phase::kRunning:
      return counts && fleet_ && epoch_ && !error_;
    case Phase::kStoppingHosts:
    case Phase::kStoppingServices:
    case Phase::kFinished:
      return counts && (epoch_ || error_);
  }
  return false;
}

void RunController::begin(Instant epoch) {
  epoch_ = epoch;
  events_.tell(RunStarted{.epoch_ns = toNs(epoch),
                          .run_id = setup_.run_id,
                          .scenario = setup_.scenario.name,
                          .profile = setup_.scenario.profile,
                          .wall_clock = wallClockText(),
                          .versions_json = setup_.versions_json,
                          .seed = setup_.plan.seed,
                          .local_addresses = local_addresses_});
  if (setup_.lab_checked)
    events_.tell(*setup_.lab_checked);
  for (const auto& [event, line] : early_)
    events_.add(event, line);
  early_.clear();
}

void RunController::add(const Event& event, std::string_view line) {
  const auto* outcome = std::get_if<IceServerOutcome>(&event.body);
  if (outcome && outcome->error_code == kUnauthorized)
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
    call_servers_.onRefused(static_cast<std::size_t>(calls[static_cast<std::size_t>(call)].arm));
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
    const auto orders = ordersFor(call);
    if (!orders)
      return fail(orders.error());
    if (!assign(call, *orders))
      return;  // until a host is ready; the bots' schedule lag tells of the delay
    open_.emplace(call.id,
                  RunningCall(call.id, static_cast<int>(orders->size()), setup_.scenario.hold));
  }
  const Instant last_start = planned_ > 0 ? startOf(calls[planned_ - 1]) : *epoch_;
  bound_ = loop_.at(std::max(now(), last_start) + longestLength(setup_.scenario) + kOverdue,
                    [this] { stop(RunEnd::kCompleted); });
  goOnIfAllEnded();
}

// Guests come by themselves, so the names of their calls must be known before the run; all others
// are of this run alone, in case another uses the same server.
std::string RunController::nameFor(const TurnArm& arm) const {
  const bool has_guests = setup_.scenario.shape.guests > 0;
  return signalingName((has_guests ? setup_.scenario.name : setup_.run_id) + "-" + arm.name);
}

Result<std::vector<BotOrder>> RunController::ordersFor(const PlannedCall& call) {
  const TurnArm& arm = setup_.scenario.turn.at(static_cast<std::size_t>(call.arm));
  auto servers = call_servers_.begin(call);
  if (!servers)
    return servers.error();
  BotOrder order{.call = call.id,
                 .room = nameFor(arm) + "-" + std::to_string(call.id),
                 .pool = nameFor(arm),
                 .start = startOf(call),
                 .seed = call.seed,
                 .relay_only = arm.relay_only,
                 .servers = *std::move(servers)};
  std::vector<BotOrder> orders;
  for (order.bot = 0; order.bot < setup_.scenario.shape.bots; ++order.bot) {
    orders.push_back(order);
    if (arm.callee && order.bot > 0) {
      orders.back().relay_only = arm.callee->relay_only;
      if (!arm.callee->has_servers)
        orders.back().servers.clear();
    }
  }
  return orders;
}

bool RunController::assign(const PlannedCall& call, const std::vector<BotOrder>& orders) {
  if (places_.pairs.empty())
    return fleet_->assign(orders);
  const LabPlaces::Ends& ends = places_.pairs.at(static_cast<std::size_t>(call.pair));
  std::vector<std::size_t> places;
  for (const BotOrder& order : orders)
    places.push_back(ends.of(order.bot));
  return fleet_->assignTo(places, orders);
}

void RunController::onBotReport(const BotReport& report) {
  const auto call = open_.find(report.call);
  if (call == open_.end())
    return;
  call->second.onReport(report);
  follow(report.call);
}

void RunController::onBotLost(int call, int bot) {
  open_.at(call).onBotLost(bot);
  follow(call);
}

void RunController::follow(int call) {
  RunningCall& running = open_.at(call);
  for (const HostCommand& command : running.takeCommands())
    fleet_->tell(call, command);
  if (!running.isOver())
    return;
  open_.erase(call);
  call_servers_.end(call);
  goOnIfAllEnded();
}

void RunController::goOnIfAllEnded() {
  if (phase_ != Phase::kRunning || dispatched_ < planned_ || !open_.empty())
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
  end_ = end;
  faults_.stop();
  call_servers_.endAll();
  next_dispatch_.cancel();
  bound_.cancel();
  if (!epoch_ && !error_)
    begin(now());
  enter(Phase::kStoppingHosts, now(), error_ ? error_->what : reasonText(end));
  if (fleet_)
    fleet_->stop(setup_.scenario.deadlines.leave);
  else
    onFleetGone();
}

void RunController::onFleetGone() {
  if (phase_ != Phase::kStoppingHosts)
    return;
  enter(Phase::kStoppingServices, now(), "every host is gone");
  services_.stop();
}

void RunController::onServicesGone() {
  if (phase_ != Phase::kStoppingServices)
    return;
  enter(Phase::kFinished, now(), "every service is gone");
  watch_.reset();
  if (error_)
    return on_finished_(*error_);
  events_.tell(RunFinished{reasonText(end_)});
  on_finished_(end_);
}

}  // namespace turnout
