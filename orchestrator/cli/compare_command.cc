#include "orchestrator/cli/command.h"
#include "orchestrator/cli/report_files.h"
#include "orchestrator/report/reports.h"
#include "orchestrator/results/compare/compared_runs.h"

#include <cstdio>
#include <fstream>

namespace turnout {
namespace {

OptionSpec compareOptions() {
  OptionSpec spec{
      "turnout compare RUN[:ARM] [RUN[:ARM]...] [OPTIONS]\n\n"
      "Compares stored runs with the first of them, arm by arm; or the arms of one run with each\n"
      "other. Tells differences, how sure they are, and whether they are shown at all.",
      "Examples:\n"
      "  turnout compare runs/latest                           its arms with its first arm\n"
      "  turnout compare runs/latest --against turn-udp        its arms with turn-udp\n"
      "  turnout compare runs/monday runs/tuesday              each arm with itself\n"
      "  turnout compare runs/monday:turn-udp runs/monday:turn-tls\n"
      "  turnout compare --baseline runs/good runs/latest      exit code 99 if something got "
      "worse\n"
      "  turnout compare --baseline runs/good runs/latest --margin 2\n"
      "                       98 unless more than 2 points fewer successes are ruled out\n"
      "  turnout compare runs/latest --json -\n"
      "\n"
      "Exit codes: 0 compared (with --baseline: nothing is worse), 98 inconclusive, 99 worse,\n"
      "104 the runs cannot be compared.\n"};
  spec.visible.add_options()("baseline", po::value<std::string>(),
                             "run to compare with, and to judge against")(
      "against", po::value<std::string>(), "arm to compare the others of one run with [the first]")(
      "margin", po::value<double>(), "points of success rate that do not matter")(
      "margin-ms", po::value<double>(), "milliseconds of connect time that do not matter")(
      "alpha", po::value<double>()->default_value(0.05, "0.05"),
      "how often a difference may be seen where there is none")(
      "anyway", "compare runs of different scenarios, with a warning")(
      "json", po::value<std::string>(), "write JSON to this file; -: to stdout, instead of text");
  spec.hidden.add_options()("run", po::value<Words>());
  spec.files = "run";
  return spec;
}

Result<ComparisonSpec> specFrom(const po::variables_map& options) {
  ComparisonSpec spec{.alpha = options["alpha"].as<double>(),
                      .margin = optionValue<double>(options, "margin"),
                      .margin_ms = optionValue<double>(options, "margin-ms")};
  if (!(spec.alpha > 0 && spec.alpha < 0.5))
    return Error{ErrorCode::kUsage, "--alpha is between 0 and 0.5, e.g. 0.05"};
  if (spec.margin && !(*spec.margin > 0 && *spec.margin < 100))
    return Error{ErrorCode::kUsage, "--margin is between 0 and 100 points"};
  if (spec.margin_ms && !(*spec.margin_ms > 0))
    return Error{ErrorCode::kUsage, "--margin-ms is more than 0"};
  if (spec.margin)
    *spec.margin /= 100;
  return spec;
}

Result<Done> compareAll(const po::variables_map& options, ComparedRuns& runs) {
  const auto baseline = optionValue<std::string>(options, "baseline");
  Words words = optionValue<Words>(options, "run").value_or(Words{});
  if (baseline)
    words.insert(words.begin(), *baseline);
  if (words.empty() || (baseline && words.size() == 1))
    return Error{ErrorCode::kUsage, "compare takes directories of runs, e.g. runs/latest"};
  const ArmName first = armNameFrom(words.front());
  if (words.size() == 1) {
    if (!first.arm.empty())
      return Error{ErrorCode::kUsage, "one arm alone: name a second one to compare it with"};
    return runs.compareArmsOf(first.directory,
                              optionValue<std::string>(options, "against").value_or(""));
  }
  if (options.count("against"))
    return Error{ErrorCode::kUsage, "--against is for the arms of one run"};
  for (std::size_t i = 1; i < words.size(); i++) {
    if (auto compared = runs.compareRuns(first, armNameFrom(words[i])); !compared)
      return compared;
  }
  return Done{};
}

Result<Done> write(const std::string& file, const std::string& text) {
  std::ofstream out(file, std::ios::binary);
  out << text;
  out.close();
  return out ? Result<Done>(Done{}) : Error{ErrorCode::kIo, file + ": cannot be written"};
}

// To the screen, or as JSON to where it was asked for.
Result<Done> tell(const ComparisonReport& report, const std::optional<std::string>& json_file) {
  const bool json_only = json_file == "-";
  const std::string text =
      json_only ? comparisonJson(report) : comparisonText(report, screenOf(stdout).columns);
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
  return json_file && !json_only ? write(*json_file, comparisonJson(report)) : Done{};
}

}  // namespace

ExitCode compareCommand(const Words& words) {
  const auto options = parseOptions(compareOptions(), words);
  if (!options)
    return fail(options.error());
  if (!*options)
    return ExitCode::kPass;
  const auto spec = specFrom(**options);
  if (!spec)
    return fail(spec.error());
  ComparedRuns runs((*options)->count("anyway") ? OnDifference::kWarn : OnDifference::kRefuse);
  if (const auto compared = compareAll(**options, runs); !compared)
    return fail(compared.error());

  ComparisonReport report{*spec, compareArms(runs.pairs(), *spec), runs.warnings(), {}};
  if ((*options)->count("baseline"))
    report.ruling = runs.isAnyDoubtful() ? Ruling::kInconclusive
                                         : ruleAgainstBaseline(report.comparisons, *spec);
  if (const auto told = tell(report, optionValue<std::string>(**options, "json")); !told)
    return fail(told.error());
  return exitCodeOf(report.ruling.value_or(Ruling::kPass));
}

}  // namespace turnout
