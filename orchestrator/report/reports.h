// Every report: a judged run, a comparison of runs or a probe in, bytes out. All of a run are made from
// the same values (results/judge/verdict.h), so they cannot disagree. docs/REPORTS.md. Pure.
#pragma once

#include "orchestrator/results/compare/comparison.h"
#include "orchestrator/results/fold/stored_run.h"
#include "orchestrator/results/judge/verdict.h"
#include "orchestrator/statistics/sample_size.h"
#include "pipelines/base/log.h"
#include "pipelines/probe/probe_report.h"

#include <chrono>
#include <cstddef>
#include <string>

namespace turnout {

// --- a judged run ---

// For the person who started the run: plain text that fits `screen`, as long as there are arms, causes
// and thresholds, however many calls, servers and errors there were; last the verdict and one sentence.
std::string consoleReport(const Summary& summary, const Verdict& verdict, Screen screen);

// The whole run in the one sentence that somebody would say to a colleague.
std::string closingSentence(const Summary& summary, const Verdict& verdict);

// summary.json: every number of a run for other programs. The keys are a contract, documented in
// docs/MEASURES.md; the same run gives the same bytes. null: not measured, or never reached.
std::string summaryJson(const Summary& summary, const Verdict& verdict);

// calls.csv: one row per planned call (RFC 4180, a header line, UTF-8). An empty cell is "did not
// happen" or "not measured", never zero.
std::string callsCsv(const JudgedRun& run);

// For the test page of a CI: JUnit XML. One suite per arm that has thresholds and one for all calls
// pooled, one testcase per threshold: its text tells estimate, 95 % interval and n, and it is
// skipped when so few calls leave the threshold open. A last suite, "turnout", has the one testcase
// whether the run could be judged at all: an error, not a failure, when it could not.
std::string junitXml(const JudgedRun& run);

// As metrics, for node_exporter's textfile collector: seconds, ratios 0..1, counters _total,
// histograms that can be added up over runs. Of a run that goes on there is no verdict yet (all are
// 0), nothing is judged, and calls that have not started may still.
enum class RunStage { kGoingOn, kOver };
std::string prometheusMetrics(const JudgedRun& run, RunStage stage = RunStage::kOver);

// One HTML file for people: no network, no other files, light and dark. What is in html/ is put
// together with D3 (Debian's libjs-d3) and the data of the run (htmlPage). `events`: of the calls
// to be shown one by one (callsToShow).
std::string htmlReport(const JudgedRun& run, const CallEvents& events);

// What that page is given: summary.json and, beside it, what only a picture needs: curves,
// intervals, words for causes, and single calls. JSON; between program and page of one version, so
// not a contract. Troubled calls come first; what is beyond the limits is left out.
inline constexpr std::size_t kShownCalls = 1000;
inline constexpr std::size_t kBytesOfCalls = 4'000'000;
std::string pageData(const JudgedRun& run, const CallEvents& events);

// --- a comparison of runs, and the answers of `turnout power` (docs/STATISTICS.md) ---

// For the person who asked for it: plain text, `columns` wide; last one sentence.
std::string comparisonText(const ComparisonReport& report,
                           std::size_t columns = Screen::kUsualColumns);

// The one sentence that somebody would say to a colleague.
std::string comparisonSentence(const ComparisonReport& report);

// For other programs. The keys are a contract, documented in docs/STATISTICS.md; the same runs give
// the same bytes. null: not reached, not bounded, or nothing to tell.
std::string comparisonJson(const ComparisonReport& report);

// How many calls it takes: the table of sample sizes, and the answers for one pair of rates.
std::string powerTable(const TestSpec& spec, std::size_t columns = Screen::kUsualColumns);
std::string callsSentence(double rate, double other_rate, const TestSpec& spec,
                          std::size_t columns = Screen::kUsualColumns);
std::string dropSentence(double rate, int calls, const TestSpec& spec,
                         std::size_t columns = Screen::kUsualColumns);

// --- a probe (docs/PROBE.md); `now` is Unix time: what expired has a remedy of its own ---

// A row for each URL, then what to do about each kind of failure, then what the NAT does.
std::string probeText(const ProbeReport& report, std::chrono::seconds now,
                      std::size_t columns = Screen::kUsualColumns);

// What the NAT means for calls, in one sentence.
std::string natSentence(const NatReport& report);

std::string probeJson(const ProbeReport& report, std::chrono::seconds now);  // indented

}  // namespace turnout
