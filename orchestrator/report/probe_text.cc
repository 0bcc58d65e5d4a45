#include "orchestrator/report/probe_text.h"

#include "orchestrator/report/table.h"
#include "orchestrator/results/fold/figures.h"
#include "pipelines/probe/nat_judgement.h"
#include "pipelines/probe/remedy.h"

#include <algorithm>
#include <cstdio>
#include <vector>

namespace turnout {
namespace {

constexpr Table::Align kRight = Table::Align::kRight;

std::string msText(std::optional<double> ms) {
  if (!ms)
    return "-";
  char text[32];
  std::snprintf(text, sizeof(text), *ms < 10 ? "%.1f" : "%.0f", *ms);
  return text;
}

std::string verdictText(const ServerReport& server) {
  if (server.works())
    return "works";
  return (server.expectation == Expectation::kTried ? "tried: " : "FAILS: ") + faultText(server);
}

std::string burstText(const ServerReport& server) {
  if (!server.burst)
    return "-";
  char text[64];
  std::snprintf(text, sizeof(text), "%.1f Mbit/s, %.1f %% lost", server.burst->received_mbps,
                server.burst->lost * 100);
  return text;
}

std::string addressText(const ServerReport& server) {
  if (!server.relayed_address.empty())
    return "relay " + server.relayed_address;
  return server.mapped_address.empty() ? "" : "mapped " + server.mapped_address;
}

std::string serverTable(const std::vector<ServerReport>& servers) {
  const bool has_burst = std::any_of(servers.begin(), servers.end(),
                                     [](const auto& server) { return server.burst.has_value(); });
  Table table({{.widest = 60},
               {.widest = 60},
               {kRight},
               {kRight},
               {kRight},
               {kRight},
               {kRight},
               {kRight},
               {.widest = 60},
               {}});
  table.add({"times in ms", "", "DNS", "TCP", "TLS", "STUN", "allocate", "echo", "",
             has_burst ? "burst" : ""});
  for (const ServerReport& server : servers)
    table.add({server.url, verdictText(server), msText(server.dns_ms), msText(server.tcp_ms),
               msText(server.tls_ms), msText(server.stun_ms), msText(server.allocate_ms),
               msText(server.echo_ms), addressText(server), has_burst ? burstText(server) : ""});
  return table.text(0);
}

// Servers that fail alike need the same thing done.
struct Problem {
  std::string remedy, fault;
  std::vector<std::string> urls;
};

std::vector<Problem> problemsOf(const std::vector<ServerReport>& servers,
                                std::chrono::seconds now) {
  std::vector<Problem> problems;
  for (const ServerReport& server : servers) {
    if (server.works())
      continue;
    const std::string remedy = remedyFor(server, now), fault = faultText(server);
    auto same = std::find_if(problems.begin(), problems.end(), [&](const Problem& problem) {
      return problem.remedy == remedy && problem.fault == fault;
    });
    if (same == problems.end())
      same = problems.insert(problems.end(), {remedy, fault, {}});
    same->urls.push_back(server.url);
  }
  return problems;
}

std::string problemText(const Problem& problem) {
  std::string urls;
  for (const std::string& url : problem.urls)
    urls += (urls.empty() ? "" : ", ") + url;
  const std::string count =
      problem.urls.size() > 1
          ? " (" + countText(static_cast<int>(problem.urls.size()), "server") + ")"
          : "";
  return wrapped(problem.fault + count + ": " + urls, kLineWidth, 0) +
         wrapped(problem.remedy, kLineWidth, 2);
}

std::string natText(const NatReport& nat) {
  std::string text = wrapped(natSentence(nat), kLineWidth, 0);
  if (nat.is_translated) {
    std::string mapped;
    for (const std::string& address : nat.mapped_addresses)
      mapped += (mapped.empty() ? "" : ", ") + address;
    text += "  here " + nat.local_address + ", seen from outside as " + mapped + "\n";
  }
  if (nat.mapping)
    text += std::string("  mapping: ") + toString(*nat.mapping) + "\n";
  if (nat.filtering)
    text += std::string("  filtering: ") + toString(*nat.filtering) + "\n";
  return text;
}

std::string closingText(const ProbeReport& report) {
  const auto working = std::count_if(report.servers.begin(), report.servers.end(),
                                     [](const ServerReport& server) { return server.works(); });
  char text[96];
  std::snprintf(text, sizeof(text), "%td of %zu servers %s; asked for %.1f s.\n", working,
                report.servers.size(), working == 1 ? "works" : "work", report.elapsed_ms / 1000);
  return text;
}

}  // namespace

std::string probeText(const ProbeReport& report, std::chrono::seconds now) {
  std::string text = serverTable(report.servers) + "\n";
  for (const Problem& problem : problemsOf(report.servers, now))
    text += problemText(problem) + "\n";
  return text + natText(report.nat) + "\n" + closingText(report);
}

}  // namespace turnout
