#include "orchestrator/doctor/doctor_text.h"

#include "orchestrator/results/fold/figures.h"
#include "pipelines/base/json.h"
#include "pipelines/probe/remedy.h"

namespace turnout {
namespace {

std::string serverText(const ServerReport& server) {
  if (server.fault)
    return faultText(server);
  std::string text = server.scheme == IceScheme::kTurn ? "a relay" : "a mapped address";
  return text + " after " + millisecondsText(server.elapsed_ms);
}

std::string callText(const CallOutcome& call) {
  if (call.state != CallState::kSucceeded)
    return "failed: " + std::string(toString(call.diagnosis.value_or(Diagnosis{}).cause));
  std::string path = call.paths.empty() ? "" : " by " + call.paths.front();
  return "connected after " + millisecondsText(toMs(call.connect_time.value_or(Duration{}))) + path;
}

constexpr const char* kGood = "  ok    ";
constexpr const char* kBad = "  FAIL  ";
constexpr const char* kNotThere = "  -     ";  // nobody said that it is

const char* markOf(const ServerReport& server) {
  if (server.works())
    return kGood;
  return server.expectation == Expectation::kMustWork ? kBad : kNotThere;
}

std::string line(const char* mark, const std::string& what, const std::string& result) {
  return mark + what + ": " + result + "\n";
}

}  // namespace

std::string doctorText(const Examination& seen, const Prescription& prescription) {
  std::string text;
  for (const ServerReport& server : seen.probe.servers)
    text += line(markOf(server), server.url, serverText(server));
  for (const ExaminedCall& call : seen.calls)
    text += line(call.outcome.state == CallState::kSucceeded ? kGood : kBad, call.name,
                 callText(call.outcome));
  if (!prescription.diagnosis)
    return text + "\nHealthy: every server works, and calls connect.\n";
  const Diagnosis& diagnosis = *prescription.diagnosis;
  text += "\nMost likely: " + std::string(toString(diagnosis.cause)) + ". " +
          wordsOf(diagnosis.cause).meaning + "\n";
  if (!diagnosis.evidence.empty())
    text += "  Seen:   " + diagnosis.evidence + "\n";
  return text + "  To do:  " + prescription.remedy + "\n";
}

std::string doctorJson(const Examination& seen, const Prescription& prescription) {
  JsonWriter json(JsonWriter::Style::kIndented);
  json.beginObject().key("healthy").boolean(!prescription.diagnosis);
  if (const auto& diagnosis = prescription.diagnosis) {
    json.field("cause", toString(diagnosis->cause)).field("where", prescription.where);
    json.field("evidence", diagnosis->evidence).field("remedy", prescription.remedy);
  }
  json.key("servers").beginArray();
  for (const ServerReport& server : seen.probe.servers) {
    json.beginObject().field("url", server.url).key("works").boolean(server.works());
    json.field("result", serverText(server)).endObject();
  }
  json.endArray().key("calls").beginArray();
  for (const ExaminedCall& call : seen.calls) {
    json.beginObject().field("call", call.name).key("connected");
    json.boolean(call.outcome.state == CallState::kSucceeded);
    json.field("result", callText(call.outcome)).endObject();
  }
  return json.endArray().endObject().take() + "\n";
}

}  // namespace turnout
