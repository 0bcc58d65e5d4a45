#include "orchestrator/cli/command.h"
#include "orchestrator/cli/report_files.h"
#include "orchestrator/results/judge/verdict.h"

namespace turnout {
namespace {

OptionSpec reportOptions() {
  OptionSpec spec{
      "turnout report DIRECTORY [OPTIONS]\n\n"
      "Reports on a stored run again, from its scenario.json and events.jsonl: on the screen, and\n"
      "in each file that is asked for. FILE may be - (stdout, instead of the screen).",
      "Examples:\n"
      "  turnout report runs/latest\n"
      "  turnout report runs/latest --html report.html --junit junit.xml\n"
      "  turnout report runs/latest --json - | jq .total.success_rate\n"
      "\n"
      "Exit codes: those of the run: 0 passed, 98 inconclusive, 99 a threshold failed.\n"};
  addReportOptions(spec.visible);
  spec.visible.add_options()("no-color", "plain text, also on a terminal");
  spec.hidden.add_options()("directory", po::value<Words>());
  spec.files = "directory";
  return spec;
}

}  // namespace

ExitCode reportCommand(const Words& words) {
  const auto parsed = parseOptions(reportOptions(), words);
  if (!parsed)
    return fail(parsed.error());
  if (!*parsed)
    return ExitCode::kPass;
  const po::variables_map& options = **parsed;
  const auto directories = optionValue<Words>(options, "directory");
  if (!directories || directories->size() != 1)
    return fail({ErrorCode::kUsage, "report takes one directory of a run, e.g. runs/latest"});
  if (const auto checked = checkReportOptions(options); !checked)
    return fail(checked.error());

  const auto run = judgeStoredRun(directories->front());
  if (!run)
    return fail(run.error());
  if (!isStdoutTaken(options))
    printReport(run->summary, run->verdict,
                options.count("no-color") ? ScreenStyle::kPlain : ScreenStyle::kColourOnTerminal);
  if (const auto written = writeReportFiles(options, *run, directories->front()); !written)
    return fail(written.error());
  if (const auto printed = finishStdout(); !printed)
    return fail(printed.error());
  return exitCodeOf(run->verdict.ruling);
}

}  // namespace turnout
