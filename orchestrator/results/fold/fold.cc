#include "orchestrator/results/fold/fold.h"

#include "orchestrator/results/diagnosis/diagnosis.h"
#include "orchestrator/results/diagnosis/server_diagnosis.h"
#include "orchestrator/results/fold/stalls.h"

#include <algorithm>
#include <tuple>

namespace turnout {
namespace {

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

}  // namespace

Fold::Fold(const Scenario& scenario, const Plan& plan)
    : arms_(scenario.turn),
      rules_{scenario.shape, configuredKinds(scenario.media), scenario.deadlines},
      plan_(plan.calls),
      planned_(std::min(plan.calls.size(), firstCalls(scenario))),
      delays_(plan.calls.size()),
      records_(plan.calls.size()),
      has_news_(plan.calls.size(), true) {
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
  const auto call = static_cast<std::size_t>(event.call);
  if (call >= planned_ || !records_[call].add(event, rules_))
    run_.stray_events++;
  else
    has_news_[call] = true;
}

void Fold::addRunEvent(const Event& event) {
  const auto started = [&](const RunStarted& body) {
    run_.id = body.run_id;
    run_.scenario = body.scenario;
    run_.profile = body.profile;
    run_.wall_clock = body.wall_clock;
    run_.versions_json = body.versions_json;
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
          [&](const HostStarted& body) { run_.hosts[body.host]; },
          [&](const Stalled& body) {
            run_.stalls.push_back(
                {body.process, body.thread, event.at, event.at + durationOfMs(body.length_ms)});
          },
          [&](const HostHealth& body) { addHealth(run_.hosts[body.host], event.at, body); },
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

CallOutcome Fold::outcomeOf(std::size_t call, const std::vector<FaultSpan>& faults) const {
  const CallRecord& record = records_[call];
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

const std::vector<CallOutcome>& Fold::calls() const {
  judged_.resize(planned_);
  const std::vector<FaultSpan> faults = faults_.spans();
  for (std::size_t call = 0; call < planned_; call++) {
    if (has_news_[call])
      judged_[call] = outcomeOf(call, faults);
    has_news_[call] = false;
  }
  return judged_;
}

CallCounts Fold::counts() const {
  CallCounts counts;
  counts.planned = static_cast<int>(planned_);
  for (const CallOutcome& outcome : calls()) {
    counts.started += outcome.started ? 1 : 0;
    counts.connected += outcome.connect_time ? 1 : 0;
    counts.running += outcome.state == CallState::kRunning ? 1 : 0;
    counts.succeeded += outcome.state == CallState::kSucceeded ? 1 : 0;
    counts.failed += outcome.state == CallState::kFailed ? 1 : 0;
    counts.aborted += outcome.state == CallState::kAborted ? 1 : 0;
  }
  return counts;
}

Duration Fold::lastStart() const {
  return planned_ == 0 ? Duration::zero() : plan_[planned_ - 1].start + delays_[planned_ - 1];
}

Outcomes Fold::soFar() const {
  Outcomes outcomes{run_, calls()};
  outcomes.run.faults = faults_.spans();
  std::ranges::sort(outcomes.run.stalls, {}, [](const StallSpan& stall) {
    return std::tie(stall.begin, stall.process, stall.thread);
  });
  applyStalls(outcomes);
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
