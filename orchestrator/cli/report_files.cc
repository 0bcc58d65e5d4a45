#include "orchestrator/cli/report_files.h"

#include "orchestrator/report/reports.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <string>

namespace turnout {
namespace {

struct Format {
  const char* option;
  const char* help;
  Result<std::string> (*write)(const JudgedRun& run, const std::string& directory);
};

Result<std::string> htmlOf(const JudgedRun& run, const std::string& directory) {
  const auto calls = callsToShow(run.outcomes, kShownCalls, run.scenario.seed);
  const auto events = readCallEvents(directory, calls);
  if (!events)
    return events.error();
  return htmlReport(run, *events);
}

constexpr std::array kFormats{
    Format{"html", "a page for people, in one file", htmlOf},
    Format{"junit", "JUnit XML: a testcase per threshold",
           [](const JudgedRun& run, const std::string&) -> Result<std::string> {
             return junitXml(run);
           }},
    Format{"json", "summary.json: every number",
           [](const JudgedRun& run, const std::string&) -> Result<std::string> {
             return summaryJson(run.summary, run.verdict);
           }},
    Format{"prometheus", "metrics in the text format of Prometheus",
           [](const JudgedRun& run, const std::string&) -> Result<std::string> {
             return prometheusMetrics(run);
           }},
    Format{"csv", "a row per call that was begun",
           [](const JudgedRun& run, const std::string&) -> Result<std::string> {
             return callsCsv(run);
           }},
};

auto fileOf(const po::variables_map& options, const Format& format) {
  return optionValue<std::string>(options, format.option);
}

}  // namespace

void addReportOptions(po::options_description& options) {
  for (const Format& format : kFormats)
    options.add_options()(format.option, po::value<std::string>()->value_name("FILE"), format.help);
}

Result<Done> checkReportOptions(const po::variables_map& options) {
  const auto to_stdout = std::count_if(kFormats.begin(), kFormats.end(), [&](const Format& format) {
    return fileOf(options, format) == "-";
  });
  if (to_stdout > 1)
    return Error{ErrorCode::kUsage, "only one report can go to stdout (-)"};
  return Done{};
}

bool isStdoutTaken(const po::variables_map& options) {
  return std::any_of(kFormats.begin(), kFormats.end(),
                     [&](const Format& format) { return fileOf(options, format) == "-"; });
}

Result<Done> writeReportFiles(const po::variables_map& options, const JudgedRun& run,
                              const std::string& directory) {
  Result<Done> first = Done{};
  for (const Format& format : kFormats) {
    const auto file = fileOf(options, format);
    if (!file)
      continue;
    const auto text = format.write(run, directory);
    const Result<Done> written = text ? writeOutput(*file, *text) : Result<Done>(text.error());
    if (!written && first)
      first = written;
  }
  return first;
}

void printReport(const Summary& summary, const Verdict& verdict, ScreenStyle style) {
  Screen screen = screenOf(stdout);
  screen.has_colour &= style == ScreenStyle::kColourOnTerminal;
  std::fputs(consoleReport(summary, verdict, screen).c_str(), stdout);
  std::fflush(stdout);
}

ExitCode exitCodeOf(Ruling ruling) {
  switch (ruling) {
    case Ruling::kPass:
      return ExitCode::kPass;
    case Ruling::kFail:
      return ExitCode::kThresholdsFailed;
    case Ruling::kInconclusive:
      break;
  }
  return ExitCode::kInconclusive;
}

}  // namespace turnout
