#include "orchestrator/doctor/short_calls.h"

#include "orchestrator/results/fold/fold.h"
#include "orchestrator/run/event_sink.h"
#include "orchestrator/run/run_controller.h"
#include "pipelines/base/temp_dir.h"
#include "scenarios/load.h"
#include "scenarios/plan.h"

#include <algorithm>

namespace turnout {
namespace {

// Sound tells as much as a picture would, and costs less. The arms are added in memory: hosts get
// their servers with each call.
constexpr const char* kCalls = R"({
  "name": "doctor",
  "calls": {"per_arm": 1, "hold_ms": 200},
  "arrival": {"rate_per_s": 20, "shape": "even"},
  "media": {"video": null},
  "deadlines": {"join_ms": 3000, "connect_ms": 5500, "first_media_ms": 1500, "leave_ms": 500}
})";

Scenario scenarioWith(const std::vector<IceServer>& servers) {
  Scenario scenario = std::get<LoadedScenario>(parseScenario(kCalls)).scenario;
  scenario.turn.clear();
  ScenarioServer given;
  given.source = GivenServers{servers};
  TurnArm any{"any path", false, {given}};
  TurnArm relay{"relay only", true, any.ice_servers};
  TurnArm to_plain{"relay to an end without", true, any.ice_servers};
  to_plain.callee = CalleeEnd{.relay_only = false, .has_servers = false};
  scenario.turn.push_back(std::move(any));
  if (namesTurn(relay)) {
    scenario.turn.push_back(std::move(relay));
    scenario.turn.push_back(std::move(to_plain));
  }
  return scenario;
}

class FoldingSink : public EventSink {
 public:
  explicit FoldingSink(Fold& fold) : fold_(fold) {}
  void add(const Event& event, std::string_view) override { fold_.add(event); }

 private:
  Fold& fold_;
};

}  // namespace

Result<std::vector<ExaminedCall>> makeShortCalls(const ShortCallsSetup& setup) {
  auto directory = TempDir::create("doctor");
  if (!directory)
    return directory.error();
  const Scenario scenario = scenarioWith(setup.servers);
  const Plan plan = makePlan(scenario);
  Fold fold(scenario, plan);
  FoldingSink sink(fold);
  Loop loop;
  std::optional<Error> failure;
  RunController controller(loop,
                           {.scenario = scenario,
                            .scenario_text = kCalls,
                            .plan = plan,
                            .run_id = "doctor",
                            .directory = directory->path(),
                            .turnout_program = setup.turnout_program,
                            .host_program = setup.host_program,
                            .signaling_url = setup.signaling_url},
                           sink, [&](const Result<RunEnd>& end) {
                             if (!end)
                               failure = end.error();
                             loop.quit();
                           });
  const Timer start = loop.after(0ms, [&controller] { controller.start(); });
  loop.run();
  if (failure)
    return *failure;
  std::vector<ExaminedCall> calls;
  for (CallOutcome& outcome : fold.finish().calls) {
    const TurnArm& arm = scenario.turn.at(static_cast<std::size_t>(outcome.arm));
    calls.push_back(
        {"a call, " + arm.name, arm.relay_only, arm.callee.has_value(), std::move(outcome)});
  }
  std::ranges::sort(calls, {}, [](const ExaminedCall& call) {
    return std::pair(call.relay_only, call.is_to_plain_end);
  });
  return calls;
}

}  // namespace turnout
