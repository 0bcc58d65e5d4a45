#include "orchestrator/cli/report_files.h"

#include "orchestrator/cli/output_file.h"
#include "orchestrator/report/calls_csv.h"
#include "orchestrator/report/html_report.h"
#include "orchestrator/report/junit.h"
#include "orchestrator/report/page_data.h"
#include "orchestrator/report/prometheus.h"
#include "orchestrator/report/summary_json.h"

#include <algorithm>
#include <array>

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

}  // namespace turnout
