#include "orchestrator/report/run_report.h"
#include "orchestrator/report/run_words.h"
#include "orchestrator/report/table.h"
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
constexpr std::size_t kListedCauses = 8;
constexpr std::size_t kLinesOfCauses = 11;  // with what explains them
constexpr std::size_t kArmWidth = 16;

std::string heading(const Summary& summary) {
  const RunFacts& run = summary.run;
  const int seconds = static_cast<int>(std::lround(toMs(run.length) / 1000));
  return wrapped("turnout " + run.scenario + ": " + countText(summary.total.planned, "call") +
                     ", seed " + std::to_string(run.seed) + ", profile " + run.profile + ", " +
                     countText(seconds, "second"),
                 kLineWidth, 0);
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

std::string media(const Cell& total) {
  const std::string sentence = mediaSentence(total);
  return sentence.empty() ? "" : "\n" + wrapped(sentence, kLineWidth, kIndent);
}

std::string keptText(const FateTally& fates) {
  return fates.all() == 0 ? "-" : std::to_string(fates.kept) + "/" + std::to_string(fates.all());
}

std::string arms(const Summary& summary) {
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
  return "\n" + table.text(kIndent);
}

std::string section(const char* title, const Table& table, const std::string& folded) {
  if (table.rows() == 0)
    return "";
  return "\n  " + std::string(title) + "\n" + table.text(2 * kIndent) +
         (folded.empty() ? "" : "    " + folded + "\n");
}

struct CauseRow {
  const std::string* arm;
  std::string cause;
  const CauseTally* tally;
};

std::vector<CauseRow> causeRows(const Summary& summary) {
  std::vector<CauseRow> rows;
  for (const Cell& cell : summary.cells) {
    for (const auto& [cause, tally] : cell.diagnoses) {
      if (!cell.is_to_fail)
        rows.push_back({&cell.arm, toString(cause), &tally});
    }
    for (const auto& [cause, tally] : cell.abortions)
      rows.push_back({&cell.arm, "aborted: " + std::string(toString(cause)), &tally});
  }
  return rows;
}

// Evidence and remedy of the most frequent causes, as many as there is room for.
std::string explanations(const std::vector<Cell>& cells, std::size_t lines) {
  std::map<PrimaryCause, CauseTally> tallies;
  for (const Cell& cell : cells) {
    for (const auto& [cause, tally] : cell.diagnoses) {
      if (cell.is_to_fail)
        continue;
      CauseTally& all = tallies[cause];
      if (all.calls == 0)
        all.example = tally.example;
      all.calls += tally.calls;
    }
  }
  std::vector<std::pair<PrimaryCause, CauseTally>> causes(tallies.begin(), tallies.end());
  std::ranges::stable_sort(causes, std::ranges::greater(),
                           [](const auto& cause) { return cause.second.calls; });
  std::string text;
  for (const auto& [cause, tally] : causes) {
    std::string why = std::string(toString(cause)) + ": ";
    why += tally.example.empty() ? "" : tally.example + ". ";
    const std::string one = wrapped(why + wordsOf(cause).remedy, kLineWidth, 2 * kIndent);
    const auto height = static_cast<std::size_t>(std::ranges::count(one, '\n'));
    if (height > lines)
      break;
    lines -= height;
    text += one;
  }
  return text;
}

std::string causes(const Summary& summary) {
  Table table({{Align::kRight}, {Align::kLeft, 24}, {Align::kLeft, kArmWidth}, {Align::kLeft, 42}});
  int folded = 0;
  for (const CauseRow& row : causeRows(summary)) {
    if (table.rows() < kListedCauses)
      table.add({std::to_string(row.tally->calls) + " x", row.cause, *row.arm, row.tally->example});
    else
      folded += row.tally->calls;
  }
  return section("why calls failed", table,
                 folded > 0 ? "and " + countText(folded, "more call") : "") +
         explanations(summary.cells, kLinesOfCauses - table.rows());
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
std::string servers(const Summary& summary) {
  std::vector<ServerRow> rows;
  for (const Cell& cell : summary.cells)
    for (const auto& [url, server] : cell.servers)
      rows.push_back({&cell, &url, &server});
  const auto failing = static_cast<std::size_t>(
      std::ranges::count_if(rows, [](const ServerRow& row) { return row.errors() > 0; }));
  std::size_t places_for_good = kListedServers - std::min(failing, kListedServers);
  Table table({{Align::kLeft, kArmWidth}, {Align::kLeft, 38}, {Align::kLeft, 38}});
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
  return section("ICE servers", table,
                 folded > 0 ? "and " + std::to_string(folded) + " more, with " +
                                  countText(folded_errors, "error")
                            : "");
}

// "TURN: 24 of 32 connected calls on relay (tcp 8, udp 16), 12.3 MB relayed, 512 kB a call"
std::string turnCost(const TurnCost& cost) {
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
  return "\n" + wrapped(text, kLineWidth, kIndent);
}

std::string painted(Ruling ruling, Colour colour) {
  const Owned<char> word(g_ascii_strup(toString(ruling), -1));
  if (colour == Colour::kNone)
    return word.get();
  const char* code = ruling == Ruling::kPass ? "32" : ruling == Ruling::kFail ? "31" : "33";
  return std::string("\033[1;") + code + "m" + word.get() + "\033[0m";
}

std::string ruling(const Verdict& verdict, Colour colour) {
  const int held = countOf(verdict.judgements, Ruling::kPass);
  const int open = countOf(verdict.judgements, Ruling::kInconclusive);
  std::string text = "\nverdict: " + painted(verdict.ruling, colour);
  text += verdict.judgements.empty()
              ? " (nothing was judged)\n"
              : " (" + std::to_string(held) + " of " +
                    countText(static_cast<int>(verdict.judgements.size()), "threshold") + " hold" +
                    (open > 0 ? ", " + std::to_string(open) + " open" : "") + ")\n";
  std::vector<std::string> sentences = reasonsOf(verdict);
  for (const std::string& note : notesOf(verdict))
    sentences.push_back("Note: " + note);
  for (std::size_t i = 0; i < std::min(sentences.size(), kListedRows); i++)
    text += wrapped(sentences[i], kLineWidth, kIndent);
  if (sentences.size() > kListedRows)
    text += wrapped("and " + std::to_string(sentences.size() - kListedRows) + " more", kLineWidth,
                    kIndent);
  return text;
}

}  // namespace

std::string consoleReport(const Summary& summary, const Verdict& verdict, Colour colour) {
  const SessionTally& session = summary.total.session;
  return heading(summary) + arms(summary) + media(summary.total) + serverFaultsText(summary.run) +
         causes(summary) + faultsText(session) + sessionsText(session) + servers(summary) +
         turnCost(summary.total.turn_cost) + ruling(verdict, colour) + "\n" +
         wrapped(closingSentence(summary, verdict), kLineWidth, 0);
}

}  // namespace turnout
