#include "orchestrator/doctor/short_calls.h"

#include "orchestrator/results/fold/fold.h"
#include "orchestrator/run/event_sink.h"
#include "orchestrator/run/run_controller.h"
#include "pipelines/base/temp_dir.h"
#include "scenarios/plan.h"

#include <algorithm>

namespace turnout {
namespace {

ScenarioServer asWritten(const IceServer& server) {
  ScenarioServer written;
  written.urls = {server.url};
  written.username = server.username;
  written.credential = server.credential;
  written.tls_verify = server.tls_verify;
  written.tls_ca_file = server.tls_ca_file;
  return written;
}

Scenario scenarioWith(const std::vector<IceServer>& servers) {
  Scenario scenario;
  scenario.name = "doctor";
  scenario.calls_per_arm = 1;
  scenario.hold = 200ms;
  scenario.media.video.reset();  // sound tells as much, and costs less
  scenario.rate_per_s = 20;
  scenario.arrival_shape = ArrivalShape::kEven;
  scenario.deadlines.join = 3000ms;
  scenario.deadlines.connect = 5500ms;
  scenario.deadlines.first_media = 1500ms;
  scenario.deadlines.leave = 500ms;
  TurnArm any{"any path", false, {}};
  std::ranges::transform(servers, std::back_inserter(any.ice_servers), asWritten);
  TurnArm relay{"relay only", true, any.ice_servers};
  scenario.turn.push_back(std::move(any));
  if (std::ranges::any_of(
          servers, [](const IceServer& server) { return server.scheme == IceScheme::kTurn; }))
    scenario.turn.push_back(std::move(relay));
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
  auto directory = TempDir::create("turnout-doctor");
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
    calls.push_back({"a call, " + arm.name, arm.relay_only, std::move(outcome)});
  }
  std::ranges::sort(calls, {}, &ExaminedCall::relay_only);
  return calls;
}

}  // namespace turnout
