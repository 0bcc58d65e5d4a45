#include "tests/unit/results/run_on_disk.h"

#include "scenarios/load.h"
#include "tests/unit/results/call_script.h"

#include <filesystem>
#include <fstream>

namespace turnout::test {

void storeRun(const std::string& directory, const std::string& scenario_text, std::uint64_t seed,
              const CallFate& fate) {
  std::filesystem::create_directories(directory);
  std::ofstream(directory + "/scenario.json", std::ios::binary) << scenario_text;
  auto loaded = parseScenario(scenario_text);
  Scenario& scenario = std::get<LoadedScenario>(loaded).scenario;
  scenario.seed = seed;
  std::ofstream log(directory + "/events.jsonl", std::ios::binary);
  log << eventLine(ofRun(0, RunStarted{kEpochNs, "r", scenario.name, scenario.profile, "",
                                       R"({"turnout":"0.1.0"})", seed}))
      << "\n";
  for (const PlannedCall& call : makePlan(scenario).calls) {
    const double stretch = fate(call);
    const Script script =
        stretch > 0 ? goodCall(call.id, CandidateType::kHost, CandidateType::kHost, stretch)
                    : failedCall(call.id, FailureCause::kIceTimeout);
    for (Event event : script) {
      event.at += call.start - milliseconds(1000 * call.id);
      // Bots are told when they should have started.
      if (auto* started = std::get_if<BotStarted>(&event.body))
        started->scheduled_ns = toNs(ms(0) + call.start);
      log << eventLine(event) << "\n";
    }
  }
  log << eventLine(runFinished(10'000'000)) << "\n";
}

}  // namespace turnout::test
