#include "orchestrator/results/fold/fold.h"

#include "orchestrator/results/diagnosis/diagnosis.h"
#include "orchestrator/results/diagnosis/turn_errors.h"

#include <algorithm>

namespace turnout {
namespace {

void addHealth(HostFacts& host, const HostHealth& health) {
  host.bots_max = std::max(host.bots_max, health.bots);
  host.loop_lag_p99_ms = std::max(host.loop_lag_p99_ms, health.loop_lag_p99_ms);
  host.loop_lag_max_ms = std::max(host.loop_lag_max_ms, health.loop_lag_max_ms);
  host.pacer_late_p99_ms = std::max(host.pacer_late_p99_ms, health.pacer_late_p99_ms);
  host.pacer_late_max_ms = std::max(host.pacer_late_max_ms, health.pacer_late_max_ms);
  host.cpu_cores_max = std::max(host.cpu_cores_max, health.cpu_cores);
  host.rss_mb_max = std::max(host.rss_mb_max, health.rss_mb);
}

std::size_t firstCalls(const Scenario& scenario) {
  return static_cast<std::size_t>(scenario.firstCallsPerArm()) * scenario.turn.size();
}

}  // namespace

Fold::Fold(const Scenario& scenario, const Plan& plan)
    : arms_(scenario.turn),
      rules_{scenario.shape, configuredKinds(scenario.media), scenario.deadlines},
      plan_(plan.calls),
      planned_(std::min(plan.calls.size(), firstCalls(scenario))),
      delays_(plan.calls.size()),
      records_(plan.calls.size()) {
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
  };
  const auto host_exited = [&](const HostExited& body) {
    if (body.expected)
      return;
    run_.hosts[body.host].crash = body.how;
    run_.hosts[body.host].crashed_at = event.at;
  };
  const auto service_exited = [&](const ServiceExited& body) {
    if (body.expected)
      return;
    run_.services[body.service].crash = body.how;
    run_.services[body.service].crashed_at = event.at;
  };
  std::visit(
      Overloaded{
          started, [&](const SampleJudged& look) { grow(look); },
          [&](const RunFinished& body) { run_.finish_reason = body.reason; },
          [&](const HostStarted& body) { run_.hosts[body.host]; },
          [&](const HostHealth& body) { addHealth(run_.hosts[body.host], body); }, host_exited,
          [&](const ServiceStarted& body) { run_.services[body.service].address = body.address; },
          service_exited, [&](const FaultApplied& body) { faults_.add(event.at, body); },
          [&](const FaultOver& body) { faults_.add(event.at, body); }, [](const auto&) {}},
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
  if (record.host()) {
    const auto host = run_.hosts.find(*record.host());
    if (host != run_.hosts.end() && host->second.crashed_at >= record.assigned())
      crash = host->second.crashed_at;
  }
  CallOutcome outcome = record.outcome(rules_, scheduled, crash, faults);
  outcome.call = planned.id;
  outcome.arm = planned.arm;
  return outcome;
}

CallCounts Fold::counts() const {
  CallCounts counts;
  counts.planned = static_cast<int>(planned_);
  const std::vector<FaultSpan> faults = faults_.spans();
  for (std::size_t call = 0; call < planned_; call++) {
    const CallOutcome outcome = outcomeOf(call, faults);
    counts.started += outcome.started ? 1 : 0;
    counts.connected += outcome.connect_time ? 1 : 0;
    counts.running += outcome.state == CallState::kRunning ? 1 : 0;
    counts.succeeded += outcome.state == CallState::kSucceeded ? 1 : 0;
    counts.failed += outcome.state == CallState::kFailed ? 1 : 0;
    counts.aborted += outcome.state == CallState::kAborted ? 1 : 0;
  }
  return counts;
}

Outcomes Fold::soFar() const {
  Outcomes outcomes{run_, {}};
  outcomes.run.faults = faults_.spans();
  if (epoch_ && last_)
    outcomes.run.length = std::max(Duration::zero(), *last_ - *epoch_);
  outcomes.calls.reserve(planned_);
  for (std::size_t call = 0; call < planned_; call++)
    outcomes.calls.push_back(outcomeOf(call, outcomes.run.faults));
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
    addStreamHosts(call.servers, outcomes.run.stream_hosts);
  for (CallOutcome& call : outcomes.calls) {
    if (call.cause)
      call.diagnosis =
          diagnosisOf(call, arms_.at(static_cast<std::size_t>(call.arm)), outcomes.run);
  }
}

}  // namespace turnout
