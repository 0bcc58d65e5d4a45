#include "orchestrator/results/fold/session_tally.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace turnout {
namespace {

void addTo(std::map<std::string, int>& sum, const std::map<std::string, int>& part) {
  for (const auto& [word, times] : part)
    sum[word] += times;
}

// A step may cost what it takes to be back, to be handed another partner, and to recover.
double outageHorizonMs(const Scenario& scenario) {
  Duration longest{};
  for (const Step& step : scenario.steps) {
    const bool queues = step.kind == StepKind::kNextPartner;
    longest = std::max<Duration>(longest,
                                 queues ? scenario.deadlines.wait : rowOf(step.kind).lasts(step));
  }
  for (const ServiceFault& fault : scenario.faults)
    longest = std::max<Duration>(longest, fault.lasting.value_or(0ms));
  return toMs(longest + scenario.deadlines.recover);
}

}  // namespace

int SessionTally::sessionErrors() const {
  int all = 0;
  for (const auto& [word, times] : session_errors)
    all += times;
  return all;
}

int SessionTally::appFaults() const {
  int all = 0;
  for (const auto& [fault, tally] : app_faults)
    all += tally.times;
  return all;
}

Proportion SessionTally::recovery() const {
  Proportion recovered;
  for (const auto& [action, tally] : steps) {
    if (tally.goal == StepGoal::kPartnersTold)
      continue;
    recovered.successes += tally.good;
    recovered.trials += tally.due;
  }
  return recovered;
}

SessionTallyBuilder::SessionTallyBuilder(const Scenario& scenario)
    : wait_horizon_ms_(toMs(scenario.deadlines.wait)),
      outage_horizon_ms_(outageHorizonMs(scenario)),
      recovery_horizon_ms_(toMs(scenario.deadlines.recover)) {
  if (scenario.shape.kind != CallMode::kRoom)
    tally_.wait_time.emplace();
  if (scenario.messages)
    tally_.messages.emplace();
}

void SessionTallyBuilder::add(const CallOutcome& call) {
  tally_.joins += call.joins;
  tally_.rings += call.rings;
  tally_.answered += call.answered;
  tally_.matches += call.matches;
  addTo(tally_.partner_left, call.partner_left);
  addTo(tally_.session_errors, call.session_errors);
  addTo(tally_.recovered_by, call.recovered_by);
  tally_.calls_with_session_errors += call.session_errors.empty() ? 0 : 1;
  for (const auto& [fault, seen] : call.app_faults) {
    FaultTally& tally = tally_.app_faults[fault];
    if (tally.calls++ == 0)
      tally.example = seen.detail;
    tally.times += seen.times;
  }
  for (const Duration time : call.join_times)
    joins_.push_back(toMs(time));
  addWait(call);
  for (const StepOutcome& step : call.steps)
    addStep(step);
  if (!tally_.messages)
    return;
  tally_.messages->sent += call.messages.sent;
  tally_.messages->answered += call.messages.answered;
  std::copy(call.messages.round_trips_ms.begin(), call.messages.round_trips_ms.end(),
            std::back_inserter(round_trips_));
}

void SessionTallyBuilder::addWait(const CallOutcome& call) {
  if (!call.wait)
    return;
  const double ms = toMs(call.wait->time);
  if (call.wait->over)
    waits_.push_back({ms, Observation::End::kHappened});
  else
    waits_.push_back(
        {call.state == CallState::kFailed ? wait_horizon_ms_ : std::min(ms, wait_horizon_ms_),
         Observation::End::kCensored});
}

void SessionTallyBuilder::addStep(const StepOutcome& step) {
  using End = StepOutcome::End;
  StepTally& tally = tally_.steps[step.action];
  Lists& lists = steps_[step.action];
  tally.goal = step.goal;
  tally.taken++;
  lists.late.push_back(step.late_ms);
  tally.most_attempts = std::max(tally.most_attempts, step.attempts);
  if (step.detect_ms)
    lists.detected.push_back(*step.detect_ms);
  if (step.kept_out_ms)
    lists.kept_out.push_back(*step.kept_out_ms);
  if (step.resumed)
    (*step.resumed ? tally.resumed : tally.anew)++;
  if (step.end == End::kNothingDue || step.end == End::kLost)
    return;
  tally.due++;
  tally.good += step.end == End::kGood ? 1 : 0;
  if (step.goal == StepGoal::kPartnersTold)
    return;
  const auto seen = [](const std::optional<double>& ms, double horizon_ms) {
    return ms ? Observation{*ms, Observation::End::kHappened}
              : Observation{horizon_ms, Observation::End::kCensored};
  };
  lists.outages.push_back(seen(step.outage_ms, outage_horizon_ms_));
  lists.recoveries.push_back(seen(step.recover_ms, recovery_horizon_ms_));
}

SessionTally SessionTallyBuilder::take() {
  std::vector<Observation> all, all_recoveries;
  for (auto& [action, lists] : steps_) {
    StepTally& tally = tally_.steps[action];
    all.insert(all.end(), lists.outages.begin(), lists.outages.end());
    all_recoveries.insert(all_recoveries.end(), lists.recoveries.begin(), lists.recoveries.end());
    tally.outage = {SurvivalCurve(std::move(lists.outages)), outage_horizon_ms_};
    tally.recovery = {SurvivalCurve(std::move(lists.recoveries)), recovery_horizon_ms_};
    tally.detect_ms = Sample(std::move(lists.detected));
    tally.kept_out_ms = Sample(std::move(lists.kept_out));
    tally.late_ms = Sample(std::move(lists.late));
  }
  tally_.outage_time = {SurvivalCurve(std::move(all)), outage_horizon_ms_};
  tally_.recovery_time = {SurvivalCurve(std::move(all_recoveries)), recovery_horizon_ms_};
  tally_.join_ms = Sample(std::move(joins_));
  if (tally_.wait_time)
    tally_.wait_time = {SurvivalCurve(std::move(waits_)), wait_horizon_ms_};
  if (tally_.messages)
    tally_.messages->round_trip_ms = Sample(std::move(round_trips_));
  return std::move(tally_);
}

}  // namespace turnout
