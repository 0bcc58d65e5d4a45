// Reports on large runs: a synthetic log of N calls (some 20 events each, one call in twenty
// fails), folded and reported in every format, then compared with itself. Prints seconds, the peak
// of memory, and how the time per call grows from N/10 to N calls.
//
// Usage: bench_report [CALLS]; goals are for 100000 calls on one core.
#include "orchestrator/report/reports.h"
#include "orchestrator/results/compare/compared_runs.h"
#include "pipelines/base/files.h"
#include "tests/unit/results/run_on_disk.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <sys/resource.h>

namespace turnout {
namespace {

constexpr double kGoalSeconds = 20, kGoalCompareSeconds = 5, kGoalMegabytes = 500;
constexpr double kGoalGrowth = 1.5;  // of the time per call, at ten times the calls

double cpuSeconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](timeval time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double peakMegabytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

std::string scenarioText(int calls) {
  return R"({"name": "bench", "calls": {"per_arm": )" + std::to_string(calls / 2) +
         R"(}, "arrival": {"rate_per_s": 100},
  "turn": [{"name": "direct"}, {"name": "turn-udp"}],
  "thresholds": {"success_rate{turn:*}": ["rate>=0.9"], "connect_time{turn:*}": ["p(90)<5000"]}})";
}

void store(const std::string& directory, int calls) {
  test::storeRun(directory, scenarioText(calls), 1, [](const PlannedCall& call) {
    return call.id % 20 == 7 ? 0.0 : 1.0 + static_cast<double>(call.id % 97) / 50;
  });
}

long linesOf(const std::string& file) {
  std::ifstream lines(file);
  long n = 0;
  for (std::string line; std::getline(lines, line);)
    n++;
  return n;
}

template <class Work>
double timed(const char* what, Work work) {
  const double start = cpuSeconds();
  const std::size_t bytes = work();
  const double seconds = cpuSeconds() - start;
  std::printf("  %-22s %7.2f s", what, seconds);
  if (bytes > 0)
    std::printf("  %8.1f kB", static_cast<double>(bytes) / 1000);
  std::printf("\n");
  return seconds;
}

JudgedRun mustJudge(const std::string& directory) {
  auto run = judgeStoredRun(directory);
  TURNOUT_CHECK(run, "the synthetic run cannot be read");
  return *std::move(run);
}

// Seconds of folding and of all formats.
double reportOn(const std::string& directory) {
  std::optional<JudgedRun> run;
  double all = timed("fold and judge", [&] {
    run = mustJudge(directory);
    return std::size_t{0};
  });
  all +=
      timed("screen", [&] { return consoleReport(run->summary, run->verdict, Screen{}).size(); });
  all += timed("JSON", [&] { return summaryJson(run->summary, run->verdict).size(); });
  all += timed("JUnit", [&] { return junitXml(*run).size(); });
  all += timed("Prometheus", [&] { return prometheusMetrics(*run).size(); });
  all += timed("CSV", [&] { return callsCsv(*run).size(); });
  all += timed("HTML", [&] {
    const auto calls = callsToShow(run->outcomes, kShownCalls, run->scenario.seed);
    return htmlReport(*run, *readCallEvents(directory, calls)).size();
  });
  return all;
}

double compareWithItself(const std::string& directory) {
  const std::string other = directory + "-again";
  std::filesystem::copy(directory, other);
  return timed("compare two runs", [&] {
    ComparedRuns runs(OnDifference::kRefuse);
    TURNOUT_CHECK(runs.compareRuns({directory, ""}, {other, ""}), "cannot be compared");
    return compareArms(runs.pairs(), {}).size() * 0;
  });
}

bool verdict(const char* what, double value, double goal, const char* unit) {
  std::printf("%-30s %8.2f %s, goal %g: %s\n", what, value, unit, goal,
              value <= goal ? "met" : "MISSED");
  return value <= goal;
}

int bench(int calls) {
  const auto folder = TempDir::create("bench");
  TURNOUT_CHECK(folder, "no temporary directory");
  double per_call[2] = {};
  double all = 0;
  for (const int tenth : {1, 0}) {
    const int n = tenth ? calls / 10 : calls;
    const std::string directory = folder->path() + "/" + std::to_string(n);
    store(directory, n);
    std::printf("%d calls, %ld events\n", n, linesOf(directory + "/events.jsonl"));
    all = reportOn(directory);
    per_call[tenth] = all / n;
  }
  const double megabytes = peakMegabytes();
  const double compared = compareWithItself(folder->path() + "/" + std::to_string(calls));
  std::printf("\n");
  bool good = verdict("fold and report", all, kGoalSeconds, "s");
  good &= verdict("compare", compared, kGoalCompareSeconds, "s");
  good &= verdict("memory at its peak", megabytes, kGoalMegabytes, "MB");
  good &= verdict("time per call, N against N/10", per_call[0] / per_call[1], kGoalGrowth, "x");
  return good ? 0 : 1;
}

}  // namespace
}  // namespace turnout

int main(int argc, char** argv) {
  return turnout::bench(argc > 1 ? std::max(100, std::atoi(argv[1])) : 100'000);
}
