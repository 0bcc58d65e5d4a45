#include "orchestrator/report/probe_json.h"

#include "pipelines/base/json.h"
#include "pipelines/probe/nat_judgement.h"
#include "pipelines/probe/remedy.h"

#include <algorithm>

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

std::string word(std::string text) {
  std::replace(text.begin(), text.end(), ' ', '_');
  return text;
}

void writeCertificate(JsonWriter& json, const ProbeCertificate& certificate) {
  json.key("certificate").beginObject().field("verdict", word(toString(certificate.fault)));
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

void writeFault(JsonWriter& json, const ServerReport& server, std::chrono::seconds now) {
  json.key("fault").beginObject().field("stage", toString(server.fault->stage));
  json.field("code", server.fault->code).field("text", server.fault->text);
  json.field("remedy", remedyFor(server, now)).endObject();
}

void writeServer(JsonWriter& json, const ServerReport& server, std::chrono::seconds now) {
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
  if (server.burst)
    writeBurst(json, *server.burst);
  if (server.is_released)
    json.field("released", *server.is_released);
  fieldIf(json, "software", server.software);
  json.field("elapsed_ms", server.elapsed_ms);
  if (server.fault)
    writeFault(json, server, now);
  json.endObject();
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
    writeServer(json, server, now);
  json.endArray();
  writeNat(json, report.nat);
  json.field("elapsed_ms", report.elapsed_ms).endObject();
  return json.take() + "\n";
}

}  // namespace turnout
