#include "orchestrator/report/lab_report_text.h"
#include "orchestrator/report/writers.h"
#include "orchestrator/results/fold/figures.h"
#include "pipelines/base/json.h"

#include <algorithm>
#include <cstdio>

namespace turnout {
namespace {

std::string ruleText(std::optional<NatRule> rule) {
  return rule ? toString(*rule) : "no answer";
}

std::string marked(const std::string& text, bool is_good) {
  return is_good ? text : text + " !";
}

std::string natTable(const LabCheckReport& report) {
  Table table({{}, {}, {}, {}});
  table.add({"NAT", "mapping (RFC 5780)", "filtering", "ports for 4 destinations"});
  for (const NatFinding& nat : report.nats) {
    std::string ports;
    for (const std::uint16_t port : nat.ports)
      ports += (ports.empty() ? "" : " ") + std::to_string(port);
    table.add({marked(toString(nat.kind), nat.is_as_predicted), ruleText(nat.mapping),
               ruleText(nat.filtering), ports});
  }
  return table.text(kIndent);
}

std::string pathCell(const PathFinding& path) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.0f ms", path.met_ms.value_or(0));
  return marked(path.met_ms ? text : "-", path.isAsPredicted());
}

// The kinds of the columns, as short as they can be told apart.
std::string initials(NatKind kind) {
  std::string text(1, toString(kind)[0]);
  for (const char* at = toString(kind); *at; ++at)
    if (*at == '_')
      text += std::string("_") + at[1];
  return kind == NatKind::kCgnat || kind == NatKind::kPublic ? toString(kind) : text;
}

std::string pathTable(const LabCheckReport& report) {
  const auto kinds = allNatKinds();
  Table table(std::vector<Table::Column>(kinds.size() + 1, {Table::Align::kRight}));
  std::vector<std::string> row{"checks first"};
  for (const NatKind kind : kinds)
    row.push_back(initials(kind));
  table.add(row);
  for (const NatKind one : kinds) {
    row = {toString(one)};
    for (const NatKind other : kinds) {
      const auto path = std::ranges::find_if(report.paths, [&](const PathFinding& each) {
        return each.one == one && each.other == other;
      });
      row.push_back(path == report.paths.end() ? "" : pathCell(*path));
    }
    table.add(row);
  }
  return table.text(kIndent);
}

std::string firewallTable(const LabCheckReport& report) {
  Table table(std::vector<Table::Column>(allWaysOut().size() + 1));
  std::vector<std::string> row{"firewall"};
  for (const WayOut way : allWaysOut())
    row.emplace_back(toString(way));
  table.add(row);
  row.clear();
  for (const FirewallFinding& each : report.firewalls) {
    if (row.empty())
      row.push_back(
          std::string(toString(each.kind)) +
          (each.kind == FirewallKind::kNone ? "" : std::string(", ") + toString(each.action)));
    row.push_back(marked(toString(each.seen), each.seen == each.predicted));
    if (row.size() == allWaysOut().size() + 1)
      table.add(std::exchange(row, {}));
  }
  return table.text(kIndent);
}

std::string lineTable(const LabCheckReport& report) {
  constexpr Table::Align kRight = Table::Align::kRight;
  Table table({{}, {kRight}, {kRight}, {kRight}, {kRight}, {}});
  table.add({"line", "round trip", "fastest seen", "sent", "lost", "by the seed"});
  const auto ms = [](double value) {
    char text[32];
    std::snprintf(text, sizeof(text), "%.2f ms", value);
    return std::string(text);
  };
  for (const LineFinding& each : report.lines)
    table.add({marked(each.site, each.isAsPredicted()), ms(each.predicted_ms),
               each.fastest_ms ? ms(*each.fastest_ms) : "-", std::to_string(each.sent),
               std::to_string(each.lost), std::to_string(each.predicted_lost)});
  return table.text(kIndent);
}

std::string silenceText(const LabCheckReport& report) {
  std::string text;
  for (const SilenceFinding& each : report.silences)
    if (!each.is_silent)
      text += "! what " + each.from + " sends to " + each.to + ", which is nowhere, is answered\n";
  return text.empty() ? "what is sent to nowhere gets no answer, as on the internet\n" : text;
}

}  // namespace

std::string labCheckText(const LabCheckReport& report) {
  char figures[160];
  std::snprintf(figures, sizeof(figures),
                "%zu of %zu findings are as predicted; %zu sites came up in %.1f s, looking took "
                "%.1f s\n",
                report.findings() - report.surprises(), report.findings(), report.sites,
                report.up_ms / 1000, report.check_ms / 1000);
  const std::string verdict =
      report.holds() ? "the lab is what it says: " : "THE LAB IS NOT WHAT IT SAYS (\"!\"): ";
  return "NATs, each on its own\n" + natTable(report) +
         "\nwho meets whom without a relay, by checks as ICE sends them\n" + pathTable(report) +
         "\nways out through each firewall (behind a port-restricted NAT)\n" +
         firewallTable(report) + "\nlines\n" + lineTable(report) + "\n" + silenceText(report) +
         "\n" + verdict + figures;
}

std::vector<std::string> labSurprises(const LabCheckReport& report) {
  std::vector<std::string> sentences;
  for (const NatFinding& each : report.nats)
    if (!each.is_as_predicted)
      sentences.push_back("the NAT of " + each.site + " is no " + toString(each.kind) +
                          ": mapping " + ruleText(each.mapping) + ", filtering " +
                          ruleText(each.filtering));
  for (const PathFinding& each : report.paths)
    if (!each.isAsPredicted())
      sentences.push_back(each.one_site + " and " + each.other_site +
                          (each.is_predicted ? " do not meet without a relay, and should"
                                             : " meet without a relay, and should not"));
  for (const FirewallFinding& each : report.firewalls)
    if (each.predicted != each.seen)
      sentences.push_back("the firewall of " + each.site + ", " + toString(each.way) + ": " +
                          toString(each.seen) + ", and should be " + toString(each.predicted));
  for (const SilenceFinding& each : report.silences)
    if (!each.is_silent)
      sentences.push_back("what " + each.from + " sends to " + each.to + " is answered");
  for (const LineFinding& each : report.lines)
    if (!each.isAsPredicted())
      sentences.push_back("the line of " + each.site + ": fastest round trip " +
                          (each.fastest_ms ? millisecondsText(*each.fastest_ms) : "none") +
                          ", and should be " + millisecondsText(each.predicted_ms));
  return sentences;
}

std::string labCheckJson(const LabCheckReport& report) {
  JsonWriter json(JsonWriter::Style::kIndented);
  json.beginObject().field("holds", report.holds());
  json.field("findings", static_cast<std::int64_t>(report.findings()));
  json.field("surprises", static_cast<std::int64_t>(report.surprises()));
  json.field("sites", static_cast<std::int64_t>(report.sites));
  json.field("up_ms", report.up_ms).field("check_ms", report.check_ms);
  json.key("nats").beginArray();
  for (const NatFinding& each : report.nats) {
    json.beginObject()
        .field("nat", toString(each.kind))
        .field("as_predicted", each.is_as_predicted);
    if (each.mapping)
      json.field("mapping", toString(*each.mapping));
    if (each.filtering)
      json.field("filtering", toString(*each.filtering));
    json.field("local", each.local).field("mapped", each.mapped);
    json.key("ports").beginArray();
    for (const std::uint16_t port : each.ports)
      json.integer(port);
    json.endArray().endObject();
  }
  json.endArray().key("paths").beginArray();
  for (const PathFinding& each : report.paths) {
    json.beginObject().field("first", toString(each.one)).field("second", toString(each.other));
    json.field("predicted", each.is_predicted).field("met", each.met_ms.has_value());
    if (each.met_ms)
      json.field("met_ms", *each.met_ms);
    json.field("as_predicted", each.isAsPredicted()).endObject();
  }
  json.endArray().key("firewalls").beginArray();
  for (const FirewallFinding& each : report.firewalls) {
    json.beginObject().field("firewall", toString(each.kind));
    json.field("action", toString(each.action)).field("way", toString(each.way));
    json.field("predicted", toString(each.predicted)).field("seen", toString(each.seen));
    json.field("as_predicted", each.predicted == each.seen).endObject();
  }
  json.endArray().key("silences").beginArray();
  for (const SilenceFinding& each : report.silences)
    json.beginObject()
        .field("from", each.from)
        .field("to", each.to)
        .field("as_predicted", each.is_silent)
        .endObject();
  json.endArray().key("lines").beginArray();
  for (const LineFinding& each : report.lines) {
    json.beginObject().field("site", each.site).field("predicted_ms", each.predicted_ms);
    if (each.fastest_ms)
      json.field("fastest_ms", *each.fastest_ms);
    json.field("sent", static_cast<std::int64_t>(each.sent));
    json.field("lost", static_cast<std::int64_t>(each.lost));
    json.field("predicted_lost", static_cast<std::int64_t>(each.predicted_lost));
    json.field("as_predicted", each.isAsPredicted()).endObject();
  }
  json.endArray().endObject();
  return json.take() + "\n";
}

}  // namespace turnout
