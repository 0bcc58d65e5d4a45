#include "orchestrator/cli/report_files.h"

#include "orchestrator/report/run_report.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include <unistd.h>

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
    Format{"csv", "a row per call",
           [](const JudgedRun& run, const std::string&) -> Result<std::string> {
             return callsCsv(run);
           }},
};

auto fileOf(const po::variables_map& options, const Format& format) {
  return optionValue<std::string>(options, format.option);
}

// https://no-color.org: any value that is not empty.
bool environmentAllowsColour() {
  const char* no_color = std::getenv("NO_COLOR");
  return (!no_color || !*no_color) && ::isatty(STDOUT_FILENO);
}

}  // namespace

Result<Done> finishStdout() {
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)
    return Error{ErrorCode::kIo, "standard output cannot be written"};
  return Done{};
}

Result<Done> writeOutput(const std::string& file, const std::string& text) {
  if (file == "-") {
    std::fwrite(text.data(), 1, text.size(), stdout);
    return finishStdout();
  }
  std::ofstream out(file, std::ios::binary);
  out << text;
  out.close();
  return out ? Result<Done>(Done{}) : Error{ErrorCode::kIo, file + ": cannot be written"};
}

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
  const bool colour = style == ScreenStyle::kColourOnTerminal && environmentAllowsColour();
  const std::string text = consoleReport(summary, verdict, colour ? Colour::kAnsi : Colour::kNone);
  std::fputs(text.c_str(), stdout);
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
