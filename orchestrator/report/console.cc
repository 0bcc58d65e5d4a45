#include "orchestrator/report/grid_report.h"
#include "orchestrator/report/reports.h"
#include "orchestrator/report/words.h"
#include "orchestrator/report/writers.h"
#include "orchestrator/results/fold/figures.h"
#include "orchestrator/results/judge/judgement_words.h"
#include "pipelines/base/gobject_ref.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <vector>

namespace turnout {
namespace {

using Align = Table::Align;

constexpr std::size_t kListedRows = 10;  // of a section; the rest is folded into one line
constexpr std::size_t kListedServers = 8;
constexpr std::size_t kListedLoads = 3;
constexpr std::size_t kNamedArms = 3;  // of a cause
constexpr std::size_t kArmWidth = 16;

std::size_t proseWidth(std::size_t columns) {  // longer lines are hard to read
  return std::min(columns, Screen::kUsualColumns);
}

std::string heading(const Summary& summary, std::size_t columns) {
  const RunFacts& run = summary.run;
  const int seconds = static_cast<int>(std::lround(toMs(run.length) / 1000));
  return wrapped("turnout " + run.scenario + ": " + countText(summary.total.planned, "call") +
                     ", seed " + std::to_string(run.seed) + ", profile " + run.profile + ", " +
                     countText(seconds, "second"),
                 proseWidth(columns), 0);
}

std::string pathText(const Cell& cell) {  // "relay-relay" when all took it, else "relay-relay 7/8"
  const auto most =
      std::max_element(cell.paths.begin(), cell.paths.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  if (most == cell.paths.end())
    return "-";
  int links = 0;
  for (const auto& [path, count] : cell.paths)
    links += count;
  const std::string share = std::to_string(most->second) + "/" + std::to_string(links);
  return most->first + (most->second == links ? "" : " " + share);
}

std::string media(const Cell& total, std::size_t columns) {
  const std::string sentence = mediaSentence(total);
  return sentence.empty() ? "" : "\n" + wrapped(sentence, proseWidth(columns), kIndent);
}

std::string keptText(const FateTally& fates) {
  return fates.all() == 0 ? "-" : std::to_string(fates.kept) + "/" + std::to_string(fates.all());
}

std::string arms(const Summary& summary, std::size_t columns) {
  Table table({{Align::kLeft, kArmWidth},
               {Align::kRight},
               {Align::kRight},
               {Align::kLeft},
               {Align::kRight},
               {Align::kRight},
               {Align::kRight},
               {Align::kRight},
               {Align::kLeft, 20}});
  table.add({"arm", "ok", "rate", "95 % sure", "conn. p50", "p95", "media p50", "kept", "path"});
  for (const Cell& cell : summary.cells) {
    const auto rate = cell.successRate();
    table.add({cell.arm, std::to_string(cell.succeeded) + "/" + std::to_string(cell.finished()),
               rate ? percentText(*rate) : "-", rate ? intervalText(cell.successInterval()) : "-",
               percentileText(cell.connect_time, 50), percentileText(cell.connect_time, 95),
               cell.first_media_time ? percentileText(*cell.first_media_time, 50) : "-",
               keptText(cell.fates), pathText(cell)});
  }
  return "\n" + table.text(kIndent, columns);
}

std::string section(const char* title, const Table& table, std::size_t columns,
                    const std::string& folded = "") {
  if (table.rows() == 0)
    return "";
  return "\n  " + std::string(title) + "\n" + table.text(2 * kIndent, columns) +
         (folded.empty() ? "" : "    " + folded + "\n");
}

struct CauseOfFailures {
  std::string name, example, remedy;
  int calls = 0;
  std::vector<std::pair<std::string, int>> arms;  // with their calls

  void add(const std::string& arm, const CauseTally& tally) {
    if (calls == 0)
      example = tally.example;
    calls += tally.calls;
    arms.emplace_back(arm, tally.calls);
  }
};

// The most frequent first. What an arm that is meant to fail met is no failure.
std::vector<CauseOfFailures> causesOf(const Summary& summary) {
  std::map<PrimaryCause, CauseOfFailures> diagnosed;
  std::map<FailureCause, CauseOfFailures> aborted;
  for (const Cell& cell : summary.cells) {
    for (const auto& [cause, tally] : cell.diagnoses) {
      if (cell.is_to_fail)
        continue;
      CauseOfFailures& all = diagnosed[cause];
      all.name = toString(cause);
      all.remedy = wordsOf(cause).remedy;
      all.add(cell.arm, tally);
    }
    for (const auto& [cause, tally] : cell.abortions) {
      CauseOfFailures& all = aborted[cause];
      all.name = "aborted: " + std::string(toString(cause));
      all.add(cell.arm, tally);
    }
  }
  std::vector<CauseOfFailures> all;
  for (auto& [cause, found] : diagnosed)
    all.push_back(std::move(found));
  for (auto& [cause, found] : aborted)
    all.push_back(std::move(found));
  std::ranges::stable_sort(all, std::ranges::greater(), &CauseOfFailures::calls);
  return all;
}

// "turn-tls", "direct 3, stun 1", "a 3, b 2, c 1 and 4 more arms"
std::string armsText(const CauseOfFailures& cause) {
  if (cause.arms.size() == 1)
    return cause.arms.front().first;
  std::string text;
  for (std::size_t i = 0; i < std::min(cause.arms.size(), kNamedArms); i++)
    text += (i > 0 ? ", " : "") + cause.arms[i].first + " " + std::to_string(cause.arms[i].second);
  const int more = static_cast<int>(cause.arms.size()) - static_cast<int>(kNamedArms);
  return more > 0 ? text + " and " + countText(more, "more arm") : text;
}

// Every cause with the evidence of one call and its remedy.
std::string causes(const Summary& summary, std::size_t columns) {
  const std::vector<CauseOfFailures> causes = causesOf(summary);
  if (causes.empty())
    return "";
  std::string text = "\n  why calls failed\n";
  for (const CauseOfFailures& cause : causes) {
    std::string sentence =
        std::to_string(cause.calls) + " x " + cause.name + " (" + armsText(cause) + ")";
    if (!cause.example.empty())
      sentence += ": " + cause.example;
    sentence += cause.remedy.empty() ? "" : ". " + cause.remedy;
    text += wrapped(sentence, proseWidth(columns), 2 * kIndent, 2 * kIndent);
  }
  return text;
}

std::string outcomeText(const ServerTally& server) {
  std::string text = std::to_string(server.answered) + "/" + std::to_string(server.asked());
  text += " ok";
  if (const auto p50 = server.elapsed_ms.percentile(50))
    text += " " + millisecondsText(*p50);
  for (const auto& [code, error] : server.errors)
    text += ", " + std::to_string(error.times) + " x " + std::to_string(code) +
            (error.text.empty() ? "" : " " + error.text);
  return text;
}

struct ServerRow {
  const Cell* cell;
  const std::string* url;
  const ServerTally* server;
  int errors() const { return server->asked() - server->answered; }
};

// In the order of the arms. Where there are too many, those that answered everybody are folded
// first: who failed is what one looks for.
std::string servers(const Summary& summary, std::size_t columns) {
  std::vector<ServerRow> rows;
  for (const Cell& cell : summary.cells)
    for (const auto& [url, server] : cell.servers)
      rows.push_back({&cell, &url, &server});
  const auto failing = static_cast<std::size_t>(
      std::ranges::count_if(rows, [](const ServerRow& row) { return row.errors() > 0; }));
  std::size_t places_for_good = kListedServers - std::min(failing, kListedServers);
  Table table({{Align::kLeft, kArmWidth, 10}, {Align::kLeft, 60, 24}, {Align::kLeft, 60, 20}});
  int folded = 0, folded_errors = 0;
  for (const ServerRow& row : rows) {
    const bool has_place = row.errors() > 0 ? table.rows() < kListedServers : places_for_good > 0;
    if (has_place) {
      table.add({row.cell->arm, *row.url, outcomeText(*row.server)});
      places_for_good -= row.errors() > 0 ? 0 : 1;
    } else {
      folded++;
      folded_errors += row.errors();
    }
  }
  return section("ICE servers", table, columns,
                 folded > 0 ? "and " + std::to_string(folded) + " more, with " +
                                  countText(folded_errors, "error")
                            : "");
}

// "TURN: 24 of 32 connected calls on relay (tcp 8, udp 16), 12.3 MB relayed, 512 kB a call"
std::string turnCost(const TurnCost& cost, std::size_t columns) {
  if (cost.on_relay == 0)
    return "";
  std::string transports;
  for (const auto& [transport, calls] : cost.on_relay_by_transport)
    transports += (transports.empty() ? "" : ", ") + transport + " " + std::to_string(calls);
  std::string text = "TURN: " + std::to_string(cost.on_relay) + " of " +
                     countText(cost.connected, "connected call") + " on relay (" + transports + ")";
  if (const auto per_call = cost.bytesPerCall(); per_call && cost.relayed_bytes > 0)
    text += ", " + bytesText(static_cast<double>(cost.relayed_bytes)) + " relayed, " +
            bytesText(*per_call) + " a call";
  return "\n" + wrapped(text, proseWidth(columns), kIndent);
}

// "requests: 96 to {coturn}, at most 48 in a second; 4 to 192.0.2.1:3478, at most 4 in a second"
std::string requests(const RunFacts& run, std::size_t columns) {
  std::vector<std::pair<std::string, const ServerLoad*>> loads;
  for (const auto& [server, load] : run.server_loads)
    loads.emplace_back(server, &load);
  std::ranges::stable_sort(loads, std::ranges::greater(),
                           [](const auto& one) { return one.second->requests; });
  std::string text;
  for (std::size_t i = 0; i < std::min(loads.size(), kListedLoads); i++)
    text += (i == 0 ? "requests: " : "; ") + std::to_string(loads[i].second->requests) + " to " +
            loads[i].first + ", at most " + std::to_string(loads[i].second->mostInASecond()) +
            " in a second";
  if (loads.size() > kListedLoads)
    text += "; and " + countText(static_cast<int>(loads.size() - kListedLoads), "more server");
  return text.empty() ? "" : "\n" + wrapped(text, proseWidth(columns), kIndent);
}

std::string painted(Ruling ruling, bool has_colour) {
  const Owned<char> word(g_ascii_strup(toString(ruling), -1));
  if (!has_colour)
    return word.get();
  const char* code = ruling == Ruling::kPass ? "32" : ruling == Ruling::kFail ? "31" : "33";
  return std::string("\033[1;") + code + "m" + word.get() + "\033[0m";
}

const char* markOf(Ruling ruling) {
  return ruling == Ruling::kPass ? "holds" : ruling == Ruling::kFail ? "FAILS" : "open";
}

std::string sizeText(const Judgement& judgement) {
  if (!judgement.observed)
    return "";
  std::string text = "n = " + std::to_string(judgement.evidence.n);
  if (judgement.ruling == Ruling::kInconclusive && judgement.evidence.calls_needed)
    text += ", needs " + std::to_string(*judgement.evidence.calls_needed);
  return text;
}

// Each threshold with its figure, its interval and what it is made of.
std::string thresholds(const Verdict& verdict, std::size_t columns) {
  Table table({{}, {Align::kLeft, 60, 20}, {Align::kRight}, {}, {Align::kLeft, 40, 12}});
  for (const Judgement& judgement : verdict.judgements)
    table.add({markOf(judgement.ruling), nameOf(judgement), observedText(judgement),
               intervalTextOf(judgement), sizeText(judgement)});
  return section(("thresholds, with " + intervalName(verdict) + "s").c_str(), table, columns);
}

// What is to be said beside the thresholds.
std::vector<std::string> remarksOn(const Verdict& verdict) {
  Verdict rest = verdict;
  rest.judgements.clear();
  std::vector<std::string> sentences = reasonsOf(rest);
  for (const std::string& note : notesOf(verdict))
    sentences.push_back("Note: " + note);
  return sentences;
}

std::string ruling(const Verdict& verdict, Screen screen) {
  const int held = countOf(verdict.judgements, Ruling::kPass);
  const int open = countOf(verdict.judgements, Ruling::kInconclusive);
  std::string text = "\nverdict: " + painted(verdict.ruling, screen.has_colour);
  text += verdict.judgements.empty()
              ? " (nothing was judged)\n"
              : " (" + std::to_string(held) + " of " +
                    countText(static_cast<int>(verdict.judgements.size()), "threshold") +
                    (verdict.judgements.size() == 1 ? " holds" : " hold") +
                    (open > 0 ? ", " + std::to_string(open) + " open" : "") + ")\n";
  const std::vector<std::string> sentences = remarksOn(verdict);
  const std::size_t width = proseWidth(screen.columns);
  for (std::size_t i = 0; i < std::min(sentences.size(), kListedRows); i++)
    text += wrapped(sentences[i], width, kIndent);
  if (sentences.size() > kListedRows)
    text +=
        wrapped("and " + std::to_string(sentences.size() - kListedRows) + " more", width, kIndent);
  return text;
}

}  // namespace

std::string consoleReport(const Summary& summary, const Verdict& verdict, Screen screen) {
  const SessionTally& session = summary.total.session;
  const std::size_t columns = screen.columns;
  return heading(summary, columns) + arms(summary, columns) + gridText(summary, columns) +
         media(summary.total, columns) + serverFaultsText(summary.run, columns) +
         causes(summary, columns) + faultsText(session, columns) + sessionsText(session, columns) +
         servers(summary, columns) + turnCost(summary.total.turn_cost, columns) +
         requests(summary.run, columns) + thresholds(verdict, columns) + ruling(verdict, screen) +
         "\n" + wrapped(closingSentence(summary, verdict), proseWidth(columns), 0);
}

}  // namespace turnout
