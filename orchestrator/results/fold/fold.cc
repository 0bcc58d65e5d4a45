#include "orchestrator/results/fold/fold.h"

#include "orchestrator/results/diagnosis/diagnosis.h"
#include "orchestrator/results/diagnosis/server_diagnosis.h"
#include "orchestrator/results/fold/figures.h"
#include "orchestrator/results/fold/outcome.h"
#include "scenarios/server_source.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace turnout {
namespace {

// --- what it means for calls that turnout itself stood still meanwhile ---
//
// A call of which a measured phase overlaps a stall longer than can be borne is neither a success nor
// a failure of what is tested. Stalls elsewhere in the run change nothing.

// Longer than this, in sum of one thread, and a time to connect would be turnout's own; a peer, a
// TURN server or a deadline may have given up meanwhile.
constexpr double kStallLimitMs = 100;

// As long, after the call was up, and a gap or loss of media may be turnout's own: where it would be
// none without as much.
constexpr double kMediaStallLimitMs = 200;

struct Standstill {  // of the thread that stood still longest
  std::string process, thread;
  Duration length{};
  Instant begin;  // of its first stall
};

// A late answer, an offer or a socket's event is dealt with in this time.
constexpr Duration kReaction = 1s;

// Which of turnout's processes carry a call. The orchestrator does not: it only hands calls out, ahead
// of time; what comes late by that is in the schedule lag.
class Carriers {
 public:
  Carriers(const CallOutcome& call, const TurnArm& arm) : call_(call) {
    const bool is_relayed = std::ranges::any_of(call.paths, [](const std::string& path) {
      return path.find("relay") != std::string::npos;
    });
    if (!is_relayed && call.state != CallState::kFailed)
      return;
    for (const ScenarioServer& server : arm.ice_servers) {
      for (const std::string& url : server.urls) {
        if (const auto ours = placeholderOf(url))
          turn_servers_.insert(nameOf(*ours));
      }
    }
  }
  bool contain(const std::string& process) const {
    return process == kSignalingProcess || turn_servers_.contains(process) ||
           std::ranges::any_of(call_.hosts, [&](int host) { return process == hostProcess(host); });
  }

 private:
  const CallOutcome& call_;
  std::set<std::string> turn_servers_;  // of the run, that the call needed
};

// How much of it can have mattered to what is measured in a stretch of a call. In a wait for somebody
// nothing is, but for how it ends: what was over before that by more than its length and a moment had
// been made up for.
Duration weightOf(const StallSpan& stall, const CallOutcome& call, Instant begin, Instant end) {
  end = std::min(stall.end, end);
  const auto& wait = call.waiting;
  if (wait && stall.end + (stall.end - stall.begin) + kReaction < wait->end)
    end = std::min(end, wait->begin);
  return std::max(Duration::zero(), end - std::max(stall.begin, begin));
}

Standstill standstillIn(const std::vector<StallSpan>& stalls, const CallOutcome& call,
                        const Carriers& carriers, Instant begin, Instant end, bool with_pacer) {
  std::map<std::pair<std::string, std::string>, Standstill> threads;
  for (const StallSpan& stall : stalls) {
    if (stall.begin >= end)
      break;
    const bool is_pacer = stall.thread.starts_with("pacer");
    const Duration weight = weightOf(stall, call, begin, end);
    if (weight == Duration::zero() || (is_pacer && !with_pacer) || !carriers.contain(stall.process))
      continue;
    Standstill& thread = threads[{stall.process, stall.thread}];
    if (thread.length == Duration::zero())
      thread = {stall.process, stall.thread, {}, stall.begin};
    thread.length += weight;
  }
  Standstill longest;
  for (auto& [key, thread] : threads) {
    if (thread.length > longest.length)
      longest = std::move(thread);
  }
  return longest;
}

// Of the seconds that share an instant with the call until it was decided, but not only with a wait.
double hostLagMs(const RunFacts& run, const CallOutcome& call) {
  double worst = 0;
  for (const int index : call.hosts) {
    const auto host = run.hosts.find(index);
    if (host == run.hosts.end())
      continue;
    for (const HostFacts::Second& second : host->second.seconds) {
      const Instant begin = second.at - 1s;
      const bool is_wait =
          call.waiting && begin >= call.waiting->begin && second.at + kReaction < call.waiting->end;
      if (second.at >= call.begin && begin <= call.decided && !is_wait)
        worst = std::max(worst, second.loop_lag_p99_ms);
    }
  }
  return worst;
}

void abort(CallOutcome& call, const Standstill& standstill) {
  call.state = CallState::kAborted;
  call.dropped = false;
  call.cause = FailureCause::kHostStalled;
  call.detail = standstill.process + " stood still for " +
                millisecondsText(toMs(standstill.length)) + " while the call was connecting (" +
                standstill.thread + ")";
  call.failure.reset();
  call.failed_link.reset();
  call.connect_time.reset();
  call.first_media.reset();
  call.phases.reset();
  call.fate.reset();
  call.trouble.reset();
  call.paths.clear();
  call.watched = std::min(call.watched, std::max(Duration::zero(), standstill.begin - call.begin));
}

// Whether trouble with media would have been none without a standstill of this length: it may be
// turnout's own then.
bool mayBeOurs(const CallOutcome& call, double stall_ms) {
  using Sign = MediaTrouble::Sign;
  if (stall_ms < kMediaStallLimitMs)
    return false;
  if (!call.trouble)  // a link failed
    return true;
  const double figure = call.trouble->figure;
  switch (call.trouble->sign) {
    case Sign::kSilent:
      return figure - stall_ms < kDroppedAfterMs;
    case Sign::kGap:
      return figure - stall_ms < kDegradedGapMs;
    case Sign::kLoss:
      return figure - stall_ms / std::max(1.0, toMs(call.end - call.decided)) < kDegradedLoss;
  }
  return true;
}

// Without a relay from any TURN server, each of which has said no.
bool isRefusedRelay(const CallOutcome& call) {
  if (call.cause != FailureCause::kTurnUnreachable || !call.failed_link)
    return false;
  const std::vector<IceServerOutcome>& servers = call.failed_link->ours.servers;
  const auto isTurnServer = [](const IceServerOutcome& server) { return isTurn(server.url); };
  return std::ranges::any_of(servers, isTurnServer) &&
         std::ranges::all_of(servers, [&](const IceServerOutcome& server) {
           return !isTurnServer(server) || server.fault == ServerFault::kErrorResponse;
         });
}

// What the server itself has said is true however late we heard it.
bool isSaidByServer(const CallOutcome& call) {
  return call.cause == FailureCause::kTurnAuth || call.cause == FailureCause::kJoinRejected ||
         isRefusedRelay(call);
}

// A call that failed after it had long enough beside the standstill failed of something else. Of a wait
// for somebody only its end counts, whatever its length.
bool mayHaveDecided(const CallOutcome& call, const Standstill& standstill) {
  constexpr int kTimesAsLong = 20;
  if (toMs(standstill.length) < kStallLimitMs)
    return false;
  return call.state == CallState::kSucceeded || call.waiting ||
         standstill.length * kTimesAsLong >= call.decided - call.begin;
}

// Calls become aborted (kHostStalled), or lose their fate. Each counts the stalls of what carries it:
// its bot hosts, the run's own signaling and, when it is relayed or failed, the run's own TURN servers
// of its arm. Those in a wait for somebody else count near its end only, and what a server has refused
// stands however late that was heard. `outcomes.run.stalls` are in order.
void applyStalls(Outcomes& outcomes, const std::vector<TurnArm>& arms) {
  const std::vector<StallSpan>& stalls = outcomes.run.stalls;
  for (CallOutcome& call : outcomes.calls) {
    call.host_lag_ms = hostLagMs(outcomes.run, call);
    if (call.state != CallState::kSucceeded && call.state != CallState::kFailed)
      continue;
    if (isSaidByServer(call))
      continue;
    const Carriers carriers(call, arms.at(static_cast<std::size_t>(call.arm)));
    const Standstill connecting =
        standstillIn(stalls, call, carriers, call.begin, call.decided, false);
    if (mayHaveDecided(call, connecting)) {
      abort(call, connecting);
      continue;
    }
    if (!call.fate)
      continue;
    const Standstill later = standstillIn(stalls, call, carriers, call.decided, call.end, true);
    call.stood_still_ms = toMs(later.length);
    if (*call.fate != MediaFate::kKept && mayBeOurs(call, toMs(later.length))) {
      call.fate.reset();
      call.trouble.reset();
      call.dropped = false;
      call.failure.reset();
    }
  }
}

void addHealth(HostFacts& host, Instant at, const HostHealth& health) {
  host.seconds.push_back({at, health.loop_lag_p99_ms});
  host.bots_max = std::max(host.bots_max, health.bots);
  host.loop_lag_p99_ms = std::max(host.loop_lag_p99_ms, health.loop_lag_p99_ms);
  host.loop_lag_max_ms = std::max(host.loop_lag_max_ms, health.loop_lag_max_ms);
  host.pacer_late_p99_ms = std::max(host.pacer_late_p99_ms, health.pacer_late_p99_ms);
  host.pacer_late_max_ms = std::max(host.pacer_late_max_ms, health.pacer_late_max_ms);
  host.cpu_cores_max = std::max(host.cpu_cores_max, health.cpu_cores);
  host.rss_mb_max = std::max(host.rss_mb_max, health.rss_mb);
}

void addRequests(ServerLoad& load, const ServerRequests& body) {
  load.requests += body.requests;
  load.by_second[body.second] += body.requests;
  load.waited += body.waited;
  load.longest_wait_ms = std::max(load.longest_wait_ms, body.longest_wait_ms);
}

}  // namespace

int ServerLoad::mostInASecond() const {
  int most = 0;
  for (const auto& [second, sent] : by_second)
    most = std::max(most, sent);
  return most;
}

Fold::Fold(const Scenario& scenario, Plan plan)
    : arms_(scenario.turn),
      rules_{scenario.shape, configuredKinds(scenario.media), scenario.deadlines},
      plan_(std::move(plan.calls)),
      planned_(std::min(plan_.size(), firstCalls(scenario))),
      delays_(plan_.size()),
      calls_(plan_.size()) {
  run_.scenario = scenario.name;
  run_.profile = scenario.profile;
  run_.seed = plan.seed;
}

void Fold::add(const Event& event) {
  last_ = last_ ? std::max(*last_, event.at) : event.at;
  if (event.call < 0) {
    addRunEvent(event);
    return;
  }
  const auto id = static_cast<std::size_t>(event.call);
  if (id < planned_ && addToCall(id, event))
    return;
  run_.stray_events++;
}

bool Fold::addToCall(std::size_t id, const Event& event) {
  auto fresh = calls_[id] ? nullptr : std::make_unique<Call>();
  Call& call = fresh ? *fresh : *calls_[id];
  if (!call.record.add(event, rules_))
    return false;
  call.has_news = true;
  if (fresh)
    calls_[id] = std::move(fresh);
  return true;
}

void Fold::judgeAllAnew() {
  for (const auto& call : calls_)
    if (call)
      call->has_news = true;
}

void Fold::addRunEvent(const Event& event) {
  const auto started = [&](const RunStarted& body) {
    run_.id = body.run_id;
    run_.scenario = body.scenario;
    run_.profile = body.profile;
    run_.wall_clock = body.wall_clock;
    run_.versions_json = body.versions_json;
    run_.local_addresses = body.local_addresses;
    run_.seed = body.seed;
    run_.epoch = fromNs(body.epoch_ns);
    epoch_ = run_.epoch;
    judgeAllAnew();
  };
  const auto host_exited = [&](const HostExited& body) {
    if (body.expected)
      return;
    run_.hosts[body.host].crash = body.how;
    run_.hosts[body.host].crashed_at = event.at;
    judgeAllAnew();
  };
  const auto service_exited = [&](const ServiceExited& body) {
    if (body.expected)
      return;
    run_.services[body.service].crash = body.how;
    run_.services[body.service].crashed_at = event.at;
  };
  const auto addFault = [&](Instant at, const auto& body) {
    faults_.add(at, body);
    judgeAllAnew();
  };
  std::visit(
      Overloaded{
          started, [&](const SampleJudged& look) { grow(look); },
          [&](const RunFinished& body) { run_.finish_reason = body.reason; },
          [&](const SignalingSeen& body) {
            run_.signaling = body;
            judgeAllAnew();
          },
          [&](const HostStarted& body) { run_.hosts[body.host]; },
          [&](const Stalled& body) {
            run_.stalls.push_back(
                {body.process, body.thread, event.at, event.at + durationOfMs(body.length_ms)});
          },
          [&](const HostHealth& body) { addHealth(run_.hosts[body.host], event.at, body); },
          [&](const ServerRequests& body) { addRequests(run_.server_loads[body.server], body); },
          host_exited,
          [&](const ResourceExhausted& body) {
            run_.exhausted[body.process].insert(body.resource);
          },
          [&](const ServiceStarted& body) { run_.services[body.service].address = body.address; },
          service_exited, [&](const FaultApplied& body) { addFault(event.at, body); },
          [&](const FaultOver& body) { addFault(event.at, body); }, [](const auto&) {}},
      event.body);
}

void Fold::grow(const SampleJudged& look) {
  run_.looks.push_back(look);
  const auto planned = std::min(plan_.size(), static_cast<std::size_t>(std::max(0, look.planned)));
  for (; planned_ < planned; planned_++)
    delays_[planned_] = Duration(look.delay_ns);
}

CallOutcome Fold::outcomeOf(std::size_t call, const CallRecord& record,
                            const std::vector<FaultSpan>& faults) const {
  const PlannedCall& planned = plan_[call];
  const Instant scheduled = epoch_ ? *epoch_ + planned.start + delays_[call]
                                   : record.scheduled().value_or(last_.value_or(Instant{}));
  std::optional<Instant> crash;
  for (const int index : record.hosts()) {
    const auto host = run_.hosts.find(index);
    if (host == run_.hosts.end() || !(host->second.crashed_at >= record.assigned()))
      continue;
    crash = std::min(crash.value_or(*host->second.crashed_at), *host->second.crashed_at);
  }
  CallOutcome outcome = record.outcome(rules_, scheduled, crash, faults);
  outcome.call = planned.id;
  outcome.arm = planned.arm;
  return outcome;
}

void Fold::eachCall(const std::function<void(const CallOutcome&)>& visit) const {
  const std::vector<FaultSpan> faults = faults_.spans();
  for (std::size_t id = 0; id < planned_; id++) {
    const auto& call = calls_[id];
    if (!call)
      continue;
    if (std::exchange(call->has_news, false))
      call->judged = outcomeOf(id, call->record, faults);
    visit(call->judged);
  }
}

std::vector<int> Fold::untold() const {
  std::vector<int> of_arm(arms_.size());
  for (std::size_t id = 0; id < planned_; id++)
    if (!calls_[id])
      of_arm.at(static_cast<std::size_t>(plan_[id].arm))++;
  return of_arm;
}

CallCounts Fold::counts() const {
  CallCounts counts;
  counts.planned = static_cast<int>(planned_);
  eachCall([&counts](const CallOutcome& outcome) {
    counts.started += outcome.started ? 1 : 0;
    counts.connected += outcome.connect_time ? 1 : 0;
    counts.running += outcome.state == CallState::kRunning ? 1 : 0;
    counts.succeeded += outcome.state == CallState::kSucceeded ? 1 : 0;
    counts.failed += outcome.state == CallState::kFailed ? 1 : 0;
    counts.aborted += outcome.state == CallState::kAborted ? 1 : 0;
  });
  return counts;
}

Duration Fold::lastStart() const {
  return planned_ == 0 ? Duration::zero() : plan_[planned_ - 1].start + delays_[planned_ - 1];
}

Outcomes Fold::soFar() const {
  Outcomes outcomes{run_, {}, untold()};
  eachCall([&outcomes](const CallOutcome& call) { outcomes.calls.push_back(call); });
  outcomes.run.faults = faults_.spans();
  std::ranges::sort(outcomes.run.stalls, {}, [](const StallSpan& stall) {
    return std::tie(stall.begin, stall.process, stall.thread);
  });
  applyStalls(outcomes, arms_);
  if (epoch_ && last_)
    outcomes.run.length = std::max(Duration::zero(), *last_ - *epoch_);
  return outcomes;
}

Outcomes Fold::finish() const {
  Outcomes outcomes = soFar();
  const bool completed = run_.finish_reason == "completed";
  for (CallOutcome& outcome : outcomes.calls) {
    if (outcome.state != CallState::kRunning)
      continue;
    outcome.state = CallState::kAborted;
    outcome.cause = completed ? FailureCause::kInternal : FailureCause::kInterrupted;
    outcome.detail = completed ? "the call never ended" : "the run ended before the call did";
  }
  diagnose(outcomes);
  return outcomes;
}

void Fold::diagnose(Outcomes& outcomes) const {
  for (const CallOutcome& call : outcomes.calls)
    for (const IceServerOutcome& server : call.servers)
      addStreamEndpoint(server, outcomes.run.stream_endpoints);
  for (CallOutcome& call : outcomes.calls) {
    if (call.cause)
      call.diagnosis =
          diagnosisOf(call, arms_.at(static_cast<std::size_t>(call.arm)), outcomes.run);
  }
}

}  // namespace turnout
