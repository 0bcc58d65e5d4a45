#include "orchestrator/report/json_parts.h"

namespace turnout {
namespace {

std::optional<double> rateOf(const Proportion& part) {
  return part.trials > 0 ? std::optional(part.rate()) : std::nullopt;
}

void writeFaults(JsonWriter& json, const SessionTally& session) {
  json.key("app_faults").beginObject();
  for (const auto& [fault, tally] : session.app_faults) {
    json.key(toString(fault)).beginObject();
    json.field("calls", tally.calls).field("times", tally.times);
    json.field("example", tally.example).endObject();
  }
  json.endObject();
}

void writeSteps(JsonWriter& json, const SessionTally& session) {
  json.key("steps").beginObject();
  for (const auto& [action, step] : session.steps) {
    json.key(action).beginObject();
    json.field("taken", step.taken).field("due", step.due);
    if (step.goal == StepGoal::kPartnersTold) {
      json.field("told", step.good);
    } else {
      json.field("recovered", step.good);
      json.field("resumed", step.resumed).field("new_session", step.anew);
      writeField(json, "outage_ms", step.outage);
      writeField(json, "recovery_ms", step.recovery);
      writeField(json, "detect_ms", step.detect_ms);
      writeField(json, "kept_out_ms", step.kept_out_ms);
      json.field("attempts_max", step.most_attempts);
    }
    writeField(json, "late_ms", step.late_ms);
    json.endObject();
  }
  json.endObject();
}

void writeMessages(JsonWriter& json, const MessageTally& messages) {
  json.key("messages").beginObject();
  json.field("sent", messages.sent).field("answered", messages.answered);
  json.field("lost", messages.lost());
  writeField(json, "round_trip_ms", messages.round_trip_ms);
  json.endObject();
}

}  // namespace

void writeSession(JsonWriter& json, const Cell& cell) {
  const SessionTally& session = cell.session;
  json.field("joins", session.joins).field("rings", session.rings);
  json.field("answered", session.answered).field("matches", session.matches);
  writeField(json, "join_time_ms", session.join_ms);
  if (session.wait_time)
    writeField(json, "wait_time_ms", *session.wait_time);
  writeField(json, "partner_left", session.partner_left);
  writeField(json, "session_errors", session.session_errors);
  writeField(json, "recovered_by", session.recovered_by);
  json.field("calls_with_session_errors", session.calls_with_session_errors);
  writeField(json, "session_error_rate", rateOf(cell.sessionErrorRate()), 6);
  writeFaults(json, session);
  writeSteps(json, session);
  if (!session.steps.empty()) {
    writeField(json, "recovery_rate", rateOf(session.recovery()), 6);
    writeField(json, "outage_time_ms", session.outage_time);
  }
  if (session.messages)
    writeMessages(json, *session.messages);
}

}  // namespace turnout
