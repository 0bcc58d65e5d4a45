#include "orchestrator/results/compare/arm_sample.h"

#include "scenarios/plan.h"

namespace turnout {
namespace {

bool isFinished(const CallOutcome& call) {
  return call.state == CallState::kSucceeded || call.state == CallState::kFailed;
}

Observation connectTimeOf(const CallOutcome& call, Duration deadline) {
  return call.connect_time ? Observation{toMs(*call.connect_time), Observation::End::kHappened}
                           : Observation{toMs(deadline), Observation::End::kCensored};
}

}  // namespace

Proportion ArmSample::success() const {
  Proportion success{0, static_cast<int>(calls.size())};
  for (const auto& [block, call] : calls)
    success.successes += call.succeeded ? 1 : 0;
  return success;
}

std::vector<Observation> ArmSample::connectTimes() const {
  std::vector<Observation> times;
  for (const auto& [block, call] : calls)
    times.push_back(call.connect);
  return times;
}

ArmSample armSample(const StoredRun& run, std::size_t arm, const std::string& name) {
  ArmSample sample{name, run.scenario.turn[arm].name, {}, 0, &run};
  const Plan plan = makeLargestPlan(run.scenario);
  for (const CallOutcome& call : run.outcomes.calls) {
    if (static_cast<std::size_t>(call.arm) != arm)
      continue;
    if (!isFinished(call)) {
      sample.left_out++;
      continue;
    }
    const int block = plan.calls[static_cast<std::size_t>(call.call)].block;
    sample.calls[block] = {call.state == CallState::kSucceeded,
                           connectTimeOf(call, run.scenario.deadlines.connect)};
  }
  return sample;
}

}  // namespace turnout
