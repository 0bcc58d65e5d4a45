#include "orchestrator/cli/command.h"
#include "orchestrator/cli/options.h"
#include "orchestrator/cli/report_output.h"
#include "orchestrator/results/stored_run.h"

namespace turnout {

ExitCode reportCommand(const Words& words) {
  OptionSpec spec{
      "turnout report DIRECTORY [OPTIONS]\n\n"
      "Reports on a stored run again, from its scenario.json and events.jsonl.",
      "Examples:\n"
      "  turnout report runs/latest\n"
      "  turnout report runs/latest --json > summary.json\n"};
  spec.visible.add_options()("json", "print summary.json instead of the screen")(
      "no-color", "plain text, also on a terminal");
  spec.hidden.add_options()("directory", po::value<Words>());
  spec.files = "directory";
  const auto options = parseOptions(std::move(spec), words);
  if (!options)
    return fail(options.error());
  if (!*options)
    return ExitCode::kPass;
  const auto directories = optionValue<Words>(**options, "directory");
  if (!directories || directories->size() != 1)
    return fail({ErrorCode::kUsage, "report takes one directory of a run, e.g. runs/latest"});

  const auto run = judgeStoredRun(directories->front());
  if (!run)
    return fail(run.error());
  printReport(run->summary, run->verdict,
              (*options)->count("json")       ? ReportFormat::kJson
              : (*options)->count("no-color") ? ReportFormat::kScreenWithoutColour
                                              : ReportFormat::kScreen);
  return exitCodeOf(run->verdict.ruling);
}

}  // namespace turnout
