#include "orchestrator/report/reports.h"
#include "orchestrator/report/writers.h"
#include "orchestrator/results/diagnosis/server_diagnosis.h"
#include "orchestrator/results/fold/figures.h"

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
    return server.alternate_address.empty() ? "works" : "sends to " + server.alternate_address;
  if (server.wantsCredential())
    return "answers, and asks for a credential";
  return (server.expectation == Expectation::kTried ? "tried: " : "FAILS: ") +
         codedFaultText(*server.fault);
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

std::string serverTable(const std::vector<ServerReport>& servers, std::size_t columns) {
  const bool has_burst = std::any_of(servers.begin(), servers.end(),
                                     [](const auto& server) { return server.burst.has_value(); });
  Table table({{.widest = 60, .least = 24},
               {.widest = 60, .least = 24},
               {kRight},
               {kRight},
               {kRight},
               {kRight},
               {kRight},
               {kRight},
               {kRight},
               {.widest = 60},
               {}});
  table.add({"times in ms", "", "DNS", "TCP", "TLS", "STUN", "allocate", "echo", "outside", "",
             has_burst ? "burst" : ""});
  for (const ServerReport& server : servers)
    table.add({server.redirected_by.empty() ? server.url : "  -> " + server.address,
               verdictText(server), msText(server.dns_ms), msText(server.tcp_ms),
               msText(server.tls_ms), msText(server.stun_ms), msText(server.allocate_ms),
               msText(server.echo_ms), msText(server.outside_ms), addressText(server),
               has_burst ? burstText(server) : ""});
  return table.text(0, columns);
}

// Servers that fail alike need the same thing done.
std::string problemsText(const ProbeReport& report, std::chrono::seconds now, std::size_t columns) {
  std::vector<std::pair<PrimaryCause, std::string>> problems;  // the evidence, a line each
  for (const ServerReport& server : report.servers) {
    const auto found = diagnosisOf(server, report, now);
    if (!found)
      continue;
    auto same = std::find_if(problems.begin(), problems.end(),
                             [&](const auto& problem) { return problem.first == found->cause; });
    if (same == problems.end())
      same = problems.insert(problems.end(), {found->cause, ""});
    same->second += wrapped(found->evidence, columns, 2);
  }
  std::string text;
  for (const auto& [cause, evidence] : problems)
    text += wrapped(std::string(toString(cause)) + ": " + wordsOf(cause).meaning, columns, 0) +
            evidence + wrapped(std::string("To do: ") + wordsOf(cause).remedy, columns, 2) + "\n";
  return text;
}

std::string noticesText(const ProbeReport& report, std::size_t columns) {
  std::string text;
  for (const ServerReport& server : report.servers)
    for (const ProbeNotice notice : server.notices)
      text += wrapped("Note: " + server.url + ": " + noticeText(notice, server), columns, 0);
  for (const CrossReport& crossing : report.crossings) {
    const std::string what = "Between " + crossing.url + " and " + crossing.other_url + ": ";
    if (crossing.fault)
      text += wrapped(what + "FAILS: " + codedFaultText(*crossing.fault), columns, 0);
    else if (crossing.echo_ms)
      text += wrapped(what + "data there and back in " + millisecondsText(*crossing.echo_ms),
                      columns, 0);
  }
  return text.empty() ? text : text + "\n";
}

std::string natText(const NatReport& nat, std::size_t columns) {
  std::string text = wrapped(natSentence(nat), columns, 0);
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

std::string probeText(const ProbeReport& report, std::chrono::seconds now, std::size_t columns) {
  const std::size_t prose = std::min(columns, Screen::kUsualColumns);
  std::string text = serverTable(report.servers, columns) + "\n";
  text += problemsText(report, now, prose) + noticesText(report, prose);
  return text + natText(report.nat, prose) + "\n" + closingText(report);
}

std::string natSentence(const NatReport& report) {
  if (!report.is_translated)
    return "No server told our address over UDP: calls need TURN over TCP or TLS.";
  if (!report.mapping)
    return *report.is_translated
               ? "There is a NAT; to tell which kind, two STUN servers are needed, or one with two "
                 "addresses."
               : "There is no NAT on the way over UDP.";
  if (*report.mapping != NatRule::kEndpointIndependent)
    return "The NAT maps by destination (" + std::string(toString(*report.mapping)) +
           ", also called symmetric): calls with others behind such a NAT, or behind a strict "
           "firewall, need TURN.";
  const bool is_open = report.filtering == NatRule::kEndpointIndependent;
  if (!*report.is_translated)
    return report.filtering && !is_open ? "There is no NAT, but a firewall lets only answers in: "
                                          "direct calls work when both "
                                          "sides try."
                                        : "There is no NAT on the way over UDP: direct calls work.";
  return "The NAT keeps one address for all destinations: direct calls work unless the NAT of "
         "the other side maps by destination.";
}

}  // namespace turnout
