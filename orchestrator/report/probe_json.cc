#include "orchestrator/report/reports.h"
#include "orchestrator/results/diagnosis/server_diagnosis.h"
#include "pipelines/base/json.h"

namespace turnout {
namespace {

void fieldIf(JsonWriter& json, const char* name, const std::string& text) {
  if (!text.empty())
    json.field(name, text);
}
void fieldIf(JsonWriter& json, const char* name, std::optional<double> value) {
  if (value)
    json.field(name, *value);
}

void writeCertificate(JsonWriter& json, const ServerCertificate& certificate) {
  json.key("certificate").beginObject().field("verdict", toString(certificate.fault));
  fieldIf(json, "subject", certificate.subject);
  fieldIf(json, "issuer", certificate.issuer);
  fieldIf(json, "expires", certificate.expires);
  json.endObject();
}

void writeBurst(JsonWriter& json, const ProbeBurst& burst) {
  json.key("burst").beginObject();
  json.field("sent_mbps", burst.sent_mbps);
  json.field("received_mbps", burst.received_mbps);
  json.field("lost", burst.lost).endObject();
}

void writeFault(JsonWriter& json, const IceServerOutcome& fault,
                const std::optional<Diagnosis>& found) {
  json.key("fault").beginObject().field("stage", toString(fault.stage));
  json.field("code", fault.error_code).field("fault", toString(fault.fault));
  json.field("text", codedFaultText(fault));
  if (found)
    json.field("cause", toString(found->cause))
        .field("evidence", found->evidence)
        .field("remedy", wordsOf(found->cause).remedy);
  json.endObject();
}

void writeServer(JsonWriter& json, const ServerReport& server, const ProbeReport& all,
                 std::chrono::seconds now) {
  json.beginObject().field("url", server.url).field("works", server.works());
  json.field("must_work", server.expectation == Expectation::kMustWork);
  json.field("scheme", server.scheme == IceScheme::kStun ? "stun" : "turn");
  json.field("transport", toString(server.transport));
  json.field("host", server.host).field("port", static_cast<int>(server.port));
  fieldIf(json, "username", server.username);
  fieldIf(json, "address", server.address);
  fieldIf(json, "dns_ms", server.dns_ms);
  fieldIf(json, "tcp_ms", server.tcp_ms);
  fieldIf(json, "tls_ms", server.tls_ms);
  if (server.certificate)
    writeCertificate(json, *server.certificate);
  fieldIf(json, "stun_ms", server.stun_ms);
  fieldIf(json, "mapped_address", server.mapped_address);
  fieldIf(json, "allocate_ms", server.allocate_ms);
  fieldIf(json, "relayed_address", server.relayed_address);
  if (server.lifetime_s)
    json.field("lifetime_s", static_cast<std::int64_t>(*server.lifetime_s));
  fieldIf(json, "echo_ms", server.echo_ms);
  fieldIf(json, "outside_ms", server.outside_ms);
  fieldIf(json, "channel_ms", server.channel_ms);
  fieldIf(json, "alternate_address", server.alternate_address);
  fieldIf(json, "redirected_by", server.redirected_by);
  if (server.burst)
    writeBurst(json, *server.burst);
  if (server.is_released)
    json.field("released", *server.is_released);
  fieldIf(json, "software", server.software);
  json.field("elapsed_ms", server.elapsed_ms);
  if (!server.notices.empty()) {
    json.key("notices").beginArray();
    for (const ProbeNotice notice : server.notices)
      json.string(std::string(toString(notice)));
    json.endArray();
  }
  if (server.fault)
    writeFault(json, *server.fault, diagnosisOf(server, all, now));
  json.endObject();
}

void writeCrossings(JsonWriter& json, const std::vector<CrossReport>& crossings) {
  json.key("crossings").beginArray();
  for (const CrossReport& crossing : crossings) {
    json.beginObject().field("url", crossing.url).field("other_url", crossing.other_url);
    fieldIf(json, "echo_ms", crossing.echo_ms);
    if (crossing.fault)
      writeFault(json, *crossing.fault, diagnosisOf(*crossing.fault, {}));
    json.endObject();
  }
  json.endArray();
}

void writeTexts(JsonWriter& json, const char* name, const std::vector<std::string>& texts) {
  json.key(name).beginArray();
  for (const std::string& text : texts)
    json.string(text);
  json.endArray();
}

void writeNat(JsonWriter& json, const NatReport& nat) {
  json.key("nat").beginObject();
  writeTexts(json, "servers", nat.servers);
  fieldIf(json, "local_address", nat.local_address);
  writeTexts(json, "mapped_addresses", nat.mapped_addresses);
  if (nat.is_translated)
    json.field("translated", *nat.is_translated);
  if (nat.mapping)
    json.field("mapping", toString(*nat.mapping));
  if (nat.filtering)
    json.field("filtering", toString(*nat.filtering));
  json.field("meaning", natSentence(nat)).endObject();
}

}  // namespace

std::string probeJson(const ProbeReport& report, std::chrono::seconds now) {
  JsonWriter json(JsonWriter::Style::kIndented);
  json.beginObject().field("passes", report.passes());
  json.key("servers").beginArray();
  for (const ServerReport& server : report.servers)
    writeServer(json, server, report, now);
  json.endArray();
  if (!report.crossings.empty())
    writeCrossings(json, report.crossings);
  writeNat(json, report.nat);
  json.field("elapsed_ms", report.elapsed_ms).endObject();
  return json.take() + "\n";
}

}  // namespace turnout
