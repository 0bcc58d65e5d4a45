#include "bots/signaling/dialect/dialect.h"
#include "orchestrator/cli/command.h"
#include "orchestrator/cli/options.h"
#include "pipelines/base/text_file.h"

#include <cstdio>

namespace turnout {
namespace {

OptionSpec dialectOptions() {
  OptionSpec spec{
      "turnout dialect check FILE...\n\nSays what the descriptions of an app's signaling would "
      "send "
      "and what they understand,\nor everything that is wrong with them (docs/DIALECTS.md).",
      "Examples:\n  turnout dialect check my-app.json\n"};
  spec.hidden.add_options()("word", po::value<Words>());
  spec.files = "word";
  return spec;
}

}  // namespace

ExitCode dialectCommand(const Words& words) {
  const auto options = parseOptions(dialectOptions(), words);
  if (!options)
    return fail(options.error());
  if (!*options)
    return ExitCode::kPass;
  const auto given = optionValue<Words>(**options, "word").value_or(Words{});
  if (given.size() < 2 || given.front() != "check")
    return fail({ErrorCode::kUsage, "dialect takes the word check and the names of files"});

  ExitCode code = ExitCode::kPass;
  for (std::size_t i = 1; i < given.size(); i++) {
    const auto text = readTextFile(given[i]);
    if (!text) {
      code = fail(text.error());
      continue;
    }
    ScenarioProblems problems;
    const Dialect dialect = readDialect(*text, problems);
    if (!problems.empty()) {
      std::fputs(problemsText(given[i], problems).c_str(), stderr);
      code = ExitCode::kBadScenario;
      continue;
    }
    std::fputs(explained(dialect).c_str(), stdout);
  }
  return code;
}

}  // namespace turnout
