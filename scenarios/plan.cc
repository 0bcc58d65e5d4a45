#include "scenarios/plan.h"

#include "pipelines/base/json.h"
#include "pipelines/base/random.h"

#include <cmath>
#include <numeric>

namespace turnout {
namespace {

// One stream each, so that another arrival shape leaves order and call seeds as they were.
enum Stream : std::uint64_t { kOrder, kArrival, kCallSeed };

std::string callLine(const PlannedCall& call, const Scenario& scenario) {
  JsonWriter line;
  line.beginObject()
      .field("id", call.id)
      .field("turn", scenario.turn[static_cast<std::size_t>(call.arm)].name);
  if (scenario.networks) {
    const SitePair& pair = scenario.networks->pairs[static_cast<std::size_t>(call.pair)];
    line.key("sites").beginArray();
    for (const std::size_t site : {pair.one, pair.other})
      line.string(scenario.networks->sites[site].name);
    line.endArray();
  }
  line.field("repetition", call.repetition)
      .field("block", call.block)
      .field("start_ms", toMs(call.start))
      .field("seed", static_cast<std::int64_t>(call.seed));
  if (call.block >= scenario.firstCallsPerArm())
    line.field("if_extended", true);
  line.endObject();
  return line.take();
}

Plan planOf(const Scenario& scenario, int blocks) {
  const int arms = static_cast<int>(scenario.turn.size());
  const int cells = arms * static_cast<int>(scenario.pairsOfSites());
  Random order(scenario.seed, kOrder);
  Random arrival(scenario.seed, kArrival);
  Random call_seed(scenario.seed, kCallSeed);
  const std::vector<Duration> starts =
      arrivalOffsets(scenario.arrival_shape, scenario.rate_per_s, blocks * cells, arrival);

  Plan plan{.seed = scenario.seed, .bots_per_call = scenario.shape.bots, .calls = {}};
  plan.calls.reserve(starts.size());
  std::vector<int> block_order(static_cast<std::size_t>(cells));
  std::iota(block_order.begin(), block_order.end(), 0);
  for (int block = 0; block < blocks; block++) {
    order.shuffle(block_order);
    for (const int cell : block_order) {
      const int id = static_cast<int>(plan.calls.size());
      plan.calls.push_back({.id = id,
                            .arm = cell % arms,
                            .pair = cell / arms,
                            .repetition = block / scenario.calls_per_arm,
                            .block = block,
                            .start = starts[static_cast<std::size_t>(id)],
                            .seed = call_seed.next() >> 11});  // 53 bits: exact in any JSON reader
    }
  }
  return plan;
}

}  // namespace

Plan makePlan(const Scenario& scenario) {
  return planOf(scenario, scenario.firstCallsPerArm());
}

Plan makeLargestPlan(const Scenario& scenario) {
  return planOf(scenario, scenario.mostCallsPerArm());
}

std::string planJson(const Plan& plan, const Scenario& scenario) {
  std::string calls;
  for (const PlannedCall& call : plan.calls)
    calls += (calls.empty() ? "\n" : ",\n") + callLine(call, scenario);
  JsonWriter json;
  json.beginObject()
      .field("scenario", scenario.name)
      .field("seed", static_cast<std::int64_t>(plan.seed))
      .field("bots_per_call", plan.bots_per_call)
      .key("calls")
      .raw("[" + calls + "\n]")
      .endObject();
  return json.take() + "\n";
}

Duration usualLength(const Scenario& scenario) {
  Duration length = scenario.shape.answer_after + scenario.hold;
  for (const Step& step : scenario.steps)
    length += step.delay + rowOf(step.kind).lasts(step);
  return length;
}

Duration longestLength(const Scenario& scenario) {
  const Scenario::Deadlines& limits = scenario.deadlines;
  const bool waits = scenario.shape.kind != CallMode::kRoom || scenario.shape.guests > 0;
  const Duration wait = waits ? limits.wait : 0ms;
  const Duration up = wait + limits.connect + limits.first_media;
  Duration steps{};
  for (const Step& step : scenario.steps)
    steps += step.delay + rowOf(step.kind).lasts(step) + limits.recover + up;
  for (const ServiceFault& fault : scenario.faults)  // who lost a link holds it anew
    steps += fault.lasting.value_or(0ms) + limits.recover + scenario.hold;
  return up + steps + scenario.hold + limits.leave;
}

std::size_t firstCalls(const Scenario& scenario) {
  return static_cast<std::size_t>(scenario.firstCallsPerArm()) * scenario.turn.size() *
         scenario.pairsOfSites();
}

namespace {

Duration wholeMicroseconds(double us) {
  return std::chrono::microseconds(std::llround(us));
}

}  // namespace

std::vector<Duration> arrivalOffsets(ArrivalShape shape, double rate_per_s, int count,
                                     Random& random) {
  TURNOUT_CHECK(rate_per_s > 0, "a rate of arrival is positive");
  const double mean_gap_us = 1e6 / rate_per_s;
  std::vector<Duration> offsets;
  offsets.reserve(static_cast<std::size_t>(count));
  double poisson_us = 0;
  for (int i = 0; i < count; i++) {
    switch (shape) {
      case ArrivalShape::kEven:
        offsets.push_back(wholeMicroseconds(i * mean_gap_us));
        break;
      case ArrivalShape::kPoisson:
        offsets.push_back(wholeMicroseconds(poisson_us));
        poisson_us += random.exponential(mean_gap_us);
        break;
    }
  }
  return offsets;
}

}  // namespace turnout
