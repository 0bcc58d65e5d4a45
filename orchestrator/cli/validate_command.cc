#include "orchestrator/cli/command.h"
#include "orchestrator/cli/scenario_file.h"
#include "orchestrator/results/fold/figures.h"
#include "orchestrator/results/judge/judgement_words.h"
#include "orchestrator/results/judge/measures.h"
#include "scenarios/plan.h"

#include <cstdio>

namespace turnout {

ExitCode validateCommand(const Words& words) {
  OptionSpec spec{"turnout validate FILE...\n\nChecks scenario files and tells all their problems.",
                  "Examples:\n  turnout validate scenarios/*.json\n"};
  spec.hidden.add_options()("file", po::value<Words>());
  spec.files = "file";
  const auto options = parseOptions(std::move(spec), words);
  if (!options)
    return fail(options.error());
  if (!*options)
    return ExitCode::kPass;
  const auto files = optionValue<Words>(**options, "file");
  if (!files)
    return fail({ErrorCode::kUsage, "validate takes the names of scenario files"});

  ExitCode code = ExitCode::kPass;
  for (const std::string& file : *files) {
    const auto loaded = scenarioFrom(file, {});
    if (!loaded) {
      code = fail(loaded.error());
      continue;
    }
    const Scenario& scenario = loaded->scenario;
    const Plan plan = makePlan(scenario);
    const std::string at_most =
        scenario.max_calls_per_arm
            ? " (at most " + std::to_string(makeLargestPlan(scenario).calls.size()) + ")"
            : "";
    std::printf("%s: good: %s%s, %s, %.0f s\n", file.c_str(),
                countText(static_cast<int>(plan.calls.size()), "call").c_str(), at_most.c_str(),
                countText(static_cast<int>(scenario.turn.size()), "arm").c_str(),
                toMs(plan.lastStart()) / 1000);
    for (const Undecidable& threshold : undecidableIn(scenario))
      std::printf("%s: note: %s\n", file.c_str(), sentenceOf(threshold).c_str());
  }
  return code;
}

}  // namespace turnout
