// bench_peer: our layout against stock webrtcbin, alternating, each run in a process of its
// own. Prints a table of medians; --json FILE writes every run. Stays on 127.0.0.1.
#include "pipelines/base/json.h"
#include "tests/bench/peer/run.h"
#include "tests/bench/peer/stock_peer.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <vector>

namespace turnout::bench {
namespace {

struct Options {
  RunOptions run;
  int runs = 3;
  int pacing_ms = 0;   // 0: the profile's
  Owned<char> layout;  // of a child: own or stock
  Owned<char> json;
};

std::string toJson(const Figures& figures) {
  JsonWriter out;
  out.beginObject();
  for (const auto& [name, value] : figures)
    out.key(name).number(value, 6);
  out.endObject();
  return out.take();
}

Figures fromJson(const std::string& text) {
  Figures figures;
  if (const auto json = JsonValue::parse(text))
    for (const std::string& key : json->keys())
      figures[key] = json->numberOr(key.c_str(), 0);
  return figures;
}

int runChild(const Options& options) {
  Loop loop;
  const bool is_own = std::string(options.layout.get()) == "own";
  auto factory = is_own ? PeerFactory::create(loop, MediaProfile{})
                        : StockFactory::create(loop, MediaProfile{});
  if (!factory) {
    std::cerr << factory.error().what << "\n";
    return 1;
  }
  const bool is_cycles = options.run.cycles > 0;
  std::cout << toJson(is_cycles ? measureCycles(loop, **factory, options.run)
                                : measure(loop, **factory, options.run))
            << "\n";
  return 0;
}

Figures spawn(const char* layout, const RunOptions& run) {
  std::vector<std::string> words = {
      "/proc/self/exe",
      "--layout=" + std::string(layout),
      "--pairs=" + std::to_string(run.pairs),
      "--settle=" + std::to_string(run.settle_s),
      "--seconds=" + std::to_string(run.steady_s),
      "--cycles=" + std::to_string(run.cycles),
      "--pacing=" + std::to_string(run.pacing ? run.pacing->count() : 0)};
  std::vector<char*> argv;
  for (std::string& word : words)
    argv.push_back(word.data());
  argv.push_back(nullptr);
  Owned<char> text;
  Owned<GError> error;
  int status = 0;
  if (!g_spawn_sync(nullptr, argv.data(), nullptr, G_SPAWN_DEFAULT, nullptr, nullptr, text.out(),
                    nullptr, &status, error.out()) ||
      status != 0)
    std::cerr << layout << ": the run failed\n";
  return text ? fromJson(text.get()) : Figures{};
}

double median(const std::vector<Figures>& runs, const std::string& name) {
  std::vector<double> values;
  for (const Figures& run : runs)
    if (const auto found = run.find(name); found != run.end())
      values.push_back(found->second);
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[values.size() / 2];
}

void printTable(const std::vector<Figures>& own, const std::vector<Figures>& stock) {
  std::printf("%-24s %12s %12s %8s\n", "median of runs", "own", "stock", "ratio");
  for (const auto& [name, value] : own.front()) {
    const double ours = median(own, name), theirs = median(stock, name);
    std::printf("%-24s %12.4f %12.4f", name.c_str(), ours, theirs);
    std::printf(theirs > 0 ? " %8.2f\n" : "\n", ours / theirs);
  }
}

void writeJson(const char* path, const std::vector<Figures>& own,
               const std::vector<Figures>& stock) {
  JsonWriter out(JsonWriter::Style::kIndented);
  out.beginObject();
  for (const auto& [name, runs] : {std::pair("own", &own), std::pair("stock", &stock)}) {
    out.key(name).beginArray();
    for (const Figures& run : *runs)
      out.raw(toJson(run));
    out.endArray();
  }
  out.endObject();
  std::ofstream(path) << out.text() << "\n";
}

int compare(const Options& options) {
  std::vector<Figures> own, stock;
  if (options.run.cycles > 0) {
    const Figures cycles = spawn("own", options.run);
    std::cout << toJson(cycles) << "\n";
    return cycles.empty() ? 1 : 0;
  }
  for (int i = 0; i < options.runs; i++) {
    own.push_back(spawn("own", options.run));
    stock.push_back(spawn("stock", options.run));
  }
  printTable(own, stock);
  if (options.json)
    writeJson(options.json.get(), own, stock);
  return own.front().empty() || stock.front().empty() ? 1 : 0;
}

int runMain(int argc, char** argv) {
  Options options;
  const GOptionEntry entries[] = {
      {"pairs", 0, 0, G_OPTION_ARG_INT, &options.run.pairs, "Pairs of bots (25)", "N"},
      {"settle", 0, 0, G_OPTION_ARG_INT, &options.run.settle_s, "Seconds before counting (6)", "N"},
      {"seconds", 0, 0, G_OPTION_ARG_INT, &options.run.steady_s, "Seconds counted (10)", "N"},
      {"cycles", 0, 0, G_OPTION_ARG_INT, &options.run.cycles,
       "Only join and leave so often, and tell what is left", "N"},
      {"pacing", 0, 0, G_OPTION_ARG_INT, &options.pacing_ms,
       "Own layout: ms between checks of ICE (5, as in the profile \"fast\")", "MS"},
      {"runs", 0, 0, G_OPTION_ARG_INT, &options.runs, "Runs of each layout (3)", "N"},
      {"json", 0, 0, G_OPTION_ARG_STRING, options.json.out(), "Write every run to FILE", "FILE"},
      {"layout", 0, 0, G_OPTION_ARG_STRING, options.layout.out(),
       "Run one layout in this process and print its figures", "own|stock"},
      {nullptr, 0, 0, G_OPTION_ARG_NONE, nullptr, nullptr, nullptr}};
  GOptionContext* context = g_option_context_new(nullptr);
  g_option_context_add_main_entries(context, entries, nullptr);
  Owned<GError> error;
  const bool is_understood = g_option_context_parse(context, &argc, &argv, error.out()) != FALSE;
  g_option_context_free(context);
  if (!is_understood) {
    std::cerr << error->message << "\n";
    return 2;
  }
  if (options.pacing_ms > 0)
    options.run.pacing = milliseconds(options.pacing_ms);
  return options.layout ? runChild(options) : compare(options);
}

}  // namespace
}  // namespace turnout::bench

int main(int argc, char** argv) {
  return turnout::bench::runMain(argc, argv);
}
