// bench_signaling: the real `turnout serve` on one core against thousands of our own clients on
// another. Prints what was measured and whether the goal was met; --json FILE writes the same.
// Exit: 0 met, 1 missed, 3 inconclusive because this program was late itself. 127.0.0.1 only.
#include "pipelines/base/fd.h"
#include "pipelines/base/json.h"
#include "tests/bench/signaling/load.h"
#include "tests/bench/signaling/served.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

namespace turnout::bench {
namespace {

struct Options {
  LoadOptions load;
  Owned<char> server, json;
};

const char* toString(Verdict verdict) {
  switch (verdict) {
    case Verdict::kMet:
      return "met";
    case Verdict::kMissed:
      return "missed";
    case Verdict::kInconclusive:
      return "inconclusive: this program was late itself";
  }
  return "";
}

using Lines = std::vector<std::pair<std::string, double>>;

void addTimes(Lines& lines, const std::string& name, const Times& times) {
  for (const auto& [word, fraction] : {std::pair("p50", 0.5), {"p95", 0.95}, {"p99", 0.99}})
    lines.emplace_back(name + "_" + word + "_ms", times.percentile_ms(fraction));
  lines.emplace_back(name + "_max_ms", times.percentile_ms(1));
}

Lines linesOf(const Figures& figures) {
  const auto count = [](std::size_t n) { return static_cast<double>(n); };
  Lines lines = {{"connected", count(figures.connected)},
                 {"matched", count(figures.matched)},
                 {"round_trips", count(figures.round_trip.count())},
                 {"unanswered", count(figures.unanswered)},
                 {"lost_sockets", count(figures.lost)},
                 {"refused_past_limit", count(figures.refusals)},
                 {"refused_without_reason", count(figures.rude_refusals)}};
  addTimes(lines, "connect", figures.connect);
  addTimes(lines, "match", figures.match);
  addTimes(lines, "round_trip", figures.round_trip);
  addTimes(lines, "refusal", figures.refused_lag);
  addTimes(lines, "own_lag", figures.lag);
  const double sockets = count(figures.connected);
  lines.insert(lines.end(), {{"own_cores", figures.own_cpu},
                             {"server_cores", figures.server_cpu},
                             {"server_rss_mb", figures.server_rss_kb / 1024},
                             {"server_kb_per_socket",
                              (figures.server_rss_kb - figures.server_idle_rss_kb) / sockets},
                             {"server_files_per_socket", figures.server_files / sockets}});
  return lines;
}

void report(const Options& options, const Figures& figures, Verdict verdict) {
  JsonWriter out(JsonWriter::Style::kIndented);
  out.beginObject();
  for (const auto& [name, value] : linesOf(figures)) {
    std::printf("%-26s %12.3f\n", name.c_str(), value);
    out.field(name, value);
  }
  std::printf("goal, round trip p99 below %.0f ms: %s\n", kGoal_ms, toString(verdict));
  out.field("goal", toString(verdict)).endObject();
  if (options.json)
    std::ofstream(options.json.get()) << out.text() << "\n";
}

Figures measure(Loop& loop, const Served& served, const LoadOptions& options) {
  const ServerUsage idle = served.usage();
  Load load(loop, served.url(), options);
  std::fprintf(stderr, "connecting %d sockets\n", options.sockets);
  load.connect();
  std::fprintf(stderr, "matching %d pairs\n", options.pairs);
  load.match();
  std::fprintf(stderr, "talking for %d s\n", options.seconds);
  const ServerUsage before = served.usage();
  const double own_before = ownCpuSeconds();
  const Instant start = now();
  load.talk();
  const double seconds = toMs(now() - start) / 1000;
  const ServerUsage after = served.usage();
  Figures figures = load.figures();
  figures.server_cpu = (after.cpu_s - before.cpu_s) / seconds;
  figures.own_cpu = (ownCpuSeconds() - own_before) / seconds;
  figures.server_idle_rss_kb = idle.rss_kb;
  figures.server_rss_kb = after.rss_kb;
  figures.server_files = static_cast<double>(after.files - idle.files);
  return figures;
}

int run(const Options& options) {
  Loop loop;
  const std::string program =
      options.server ? options.server.get()
                     : std::filesystem::read_symlink("/proc/self/exe").replace_filename("turnout");
  const auto served = Served::start(loop, program, options.load.sockets);
  if (!served) {
    std::cerr << "bench_signaling: " << served.error().what << "\n";
    return 2;
  }
  const auto needed = static_cast<std::size_t>(options.load.sockets) + 200;
  if (const std::size_t may = raiseFileLimit(); may < needed) {
    std::cerr << "bench_signaling: needs " << needed << " file descriptors and may open " << may
              << " (ulimit -Hn)\n";
    return 2;
  }
  const Figures figures = measure(loop, **served, options.load);
  const Verdict verdict = judge(figures, options.load);
  report(options, figures, verdict);
  return verdict == Verdict::kMet ? 0 : verdict == Verdict::kMissed ? 1 : 3;
}

int runMain(int argc, char** argv) {
  Options options;
  LoadOptions& load = options.load;
  const GOptionEntry entries[] = {
      {"sockets", 0, 0, G_OPTION_ARG_INT, &load.sockets, "Clients connected (5000)", "N"},
      {"pairs", 0, 0, G_OPTION_ARG_INT, &load.pairs, "Pairs of them that talk (2000)", "N"},
      {"rate", 0, 0, G_OPTION_ARG_INT, &load.rate,
       "Messages a second that the server hands on; half are answers (5000)", "N"},
      {"seconds", 0, 0, G_OPTION_ARG_INT, &load.seconds, "Seconds of talking (20)", "N"},
      {"ramp", 0, 0, G_OPTION_ARG_INT, &load.ramp, "New connections a second (500)", "N"},
      {"server", 0, 0, G_OPTION_ARG_FILENAME, options.server.out(),
       "The turnout program (beside this one)", "FILE"},
      {"json", 0, 0, G_OPTION_ARG_FILENAME, options.json.out(), "Write the figures to FILE",
       "FILE"},
      {nullptr, 0, 0, G_OPTION_ARG_NONE, nullptr, nullptr, nullptr}};
  GOptionContext* context = g_option_context_new(nullptr);
  g_option_context_set_summary(
      context, "Connects, matches and loads a signaling server of its own and judges its goal.");
  g_option_context_add_main_entries(context, entries, nullptr);
  Owned<GError> error;
  const bool is_understood = g_option_context_parse(context, &argc, &argv, error.out()) != FALSE;
  g_option_context_free(context);
  const bool makes_sense = load.pairs >= 1 && load.sockets >= 2 * load.pairs && load.rate >= 2 &&
                           load.seconds >= 1 && load.ramp >= 1;
  if (is_understood && makes_sense)
    return run(options);
  std::cerr << "bench_signaling: "
            << (error ? error->message : "wants positive numbers, and two sockets a pair") << "\n";
  return 2;
}

}  // namespace
}  // namespace turnout::bench

int main(int argc, char** argv) {
  return turnout::bench::runMain(argc, argv);
}
