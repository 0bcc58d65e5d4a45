#include "orchestrator/report/grid_report.h"
#include "orchestrator/report/json_parts.h"
#include "orchestrator/report/reports.h"
#include "orchestrator/report/words.h"
#include "orchestrator/results/judge/judgement_words.h"
#include "pipelines/base/json.h"

namespace turnout {
namespace {

void writeCauses(JsonWriter& json, const char* key,
                 const std::map<FailureCause, CauseTally>& causes) {
  json.key(key).beginObject();
  for (const auto& [cause, tally] : causes)
    json.field(toString(cause), tally.calls);
  json.endObject();
}

// Calls that their users gave up: they never came to be, or were lost for good.
void writeDiagnoses(JsonWriter& json, const Cell& cell) {
  json.key("diagnoses").beginArray();
  for (const auto& [cause, tally] : cell.diagnoses) {
    json.beginObject().field("cause", toString(cause)).field("calls", tally.calls);
    json.field("evidence", tally.example).field("remedy", wordsOf(cause).remedy).endObject();
  }
  json.endArray();
}

void writeTurnCost(JsonWriter& json, const TurnCost& cost) {
  json.key("turn_cost").beginObject();
  json.field("connected", cost.connected).field("on_relay", cost.on_relay);
  writeField(json, "on_relay_by_transport", cost.on_relay_by_transport);
  writeField(json, "on_relay_share", cost.relayShare(), 6);
  json.field("relayed_bytes", cost.relayed_bytes);
  writeField(json, "relayed_bytes_per_call", cost.bytesPerCall(), 0);
  json.endObject();
}

void writeServers(JsonWriter& json, const Cell& cell) {
  json.key("ice_candidate_errors").beginObject();
  for (const auto& [code, times] : cell.serverErrors())
    json.field(std::to_string(code), times);
  json.endObject().key("ice_servers").beginArray();
  for (const auto& [url, server] : cell.servers) {
    json.beginObject().field("url", url);
    json.field("asked", server.asked()).field("answered", server.answered);
    json.key("errors").beginArray();
    for (const auto& [code, error] : server.errors) {
      json.beginObject().field("code", code).field("times", error.times);
      json.field("text", error.text).endObject();
    }
    json.endArray();
    writeField(json, "elapsed_ms", server.elapsed_ms);
    json.endObject();
  }
  json.endArray();
}

// Each kind in each direction by itself, call by call.
void writeFlows(JsonWriter& json, const Cell& cell) {
  json.key("flows").beginArray();
  for (const auto& [key, flow] : cell.flows) {
    json.beginObject().field("kind", toString(key.kind)).field("direction", directionText(key));
    writeField(json, "loss", flow.loss, 6);
    writeField(json, "jitter_ms", flow.jitter_ms);
    writeField(json, "gap_ms", flow.gap_ms);
    writeField(json, "bitrate_kbps", flow.bitrate_kbps);
    json.endObject();
  }
  json.endArray().key("one_way").beginArray();
  for (const auto& [media, calls] : cell.one_way) {
    json.beginObject().field("kind", toString(media.kind));
    json.field("direction", toString(directionOf(media.sends, media.receives)));
    json.field("codec", media.has_codec).field("calls", calls).endObject();
  }
  json.endArray();
  const FateTally& fates = cell.fates;
  json.key("fates").beginObject().field("kept", fates.kept).field("degraded", fates.degraded);
  json.field("dropped", fates.dropped).endObject();
  if (cell.worst_trouble) {
    json.key("worst_trouble").beginObject().field("call", cell.worst_trouble->call);
    json.field("what", troubleText(cell.worst_trouble->trouble)).endObject();
  }
}

void writeMedia(JsonWriter& json, const Cell& cell, const std::vector<MediaKind>& kinds) {
  json.key("media").beginObject();
  for (const MediaKind kind : kinds) {
    const MediaSums& total = cell.media[static_cast<std::size_t>(kind)];
    const double lost = static_cast<double>(total.lost_packets);
    const double expected = static_cast<double>(total.received_packets) + lost;
    json.key(toString(kind)).beginObject();
    json.field("sent_packets", total.sent_packets).field("sent_bytes", total.sent_bytes);
    json.field("received_packets", total.received_packets);
    json.field("received_bytes", total.received_bytes);
    json.field("lost_packets", total.lost_packets);
    writeField(json, "loss", expected > 0 ? std::optional(lost / expected) : std::nullopt, 6);
    json.field("longest_gap_ms", total.longest_gap_ms);
    writeField(json, "jitter_ms", Sample(total.jitters_ms));
    writeField(json, "bitrate_variation", Sample(total.bitrate_variations));
    json.endObject();
  }
  json.endObject();
}

void writeCell(JsonWriter& json, const Cell& cell, const std::vector<MediaKind>& kinds) {
  json.beginObject();
  if (!cell.arm.empty())
    json.field("turn", cell.arm).field("expect", cell.is_to_fail ? "failure" : "success");
  json.field("planned", cell.planned).field("started", cell.started);
  json.field("connected", cell.connected).field("succeeded", cell.succeeded);
  json.field("failed", cell.failed).field("aborted", cell.aborted);
  json.field("not_started", cell.not_started).field("dropped", cell.dropped);
  writeField(json, "success_rate", cell.successRate(), 6);
  const Proportion drop_off = cell.dropOffRate();
  writeField(json, "drop_off_rate",
             drop_off.trials > 0 ? std::optional(drop_off.rate()) : std::nullopt, 6);
  const Interval interval = cell.successInterval();
  json.key("success_rate_ci95").beginArray();
  json.number(interval.low, 6).number(interval.high, 6).endArray();
  writeField(json, "connect_time_ms", cell.connect_time);
  json.key("phases_ms").beginObject();
  writeField(json, "signaling", cell.signaling_phase_ms);
  writeField(json, "negotiation", cell.negotiation_ms);
  writeField(json, "ice", cell.ice_ms);
  writeField(json, "dtls", cell.dtls_ms);
  json.endObject();
  if (cell.first_media_time)
    writeField(json, "first_media_ms", *cell.first_media_time);
  writeField(json, "signaling_time_ms", cell.signaling_time);
  writeField(json, "schedule_lag_ms", cell.schedule_lag_ms);
  writeCauses(json, "failures", cell.failures);
  writeCauses(json, "abortions", cell.abortions);
  writeDiagnoses(json, cell);
  writeField(json, "paths", cell.paths);
  writeField(json, "relay_protocols", cell.relay_protocols);
  writeTurnCost(json, cell.turn_cost);
  writeServers(json, cell);
  json.field("duplicate_candidates", cell.duplicate_candidates);
  json.field("sockets_lost", cell.sockets_lost);
  writeMedia(json, cell, kinds);
  writeFlows(json, cell);
  writeSession(json, cell);
  json.endObject();
}

void writeHosts(JsonWriter& json, const RunFacts& run) {
  json.key("hosts").beginArray();
  for (const auto& [index, host] : run.hosts) {
    json.beginObject().field("host", index).field("bots_max", host.bots_max);
    json.field("loop_lag_p99_ms", host.loop_lag_p99_ms);
    json.field("loop_lag_max_ms", host.loop_lag_max_ms);
    json.field("pacer_late_p99_ms", host.pacer_late_p99_ms);
    json.field("pacer_late_max_ms", host.pacer_late_max_ms);
    json.field("cpu_cores_max", host.cpu_cores_max).field("rss_mb_max", host.rss_mb_max);
    if (host.crash)
      json.field("crash", *host.crash);
    json.endObject();
  }
  json.endArray().key("services").beginArray();
  for (const auto& [name, service] : run.services) {
    json.beginObject().field("service", name).field("address", service.address);
    if (service.crash)
      json.field("crash", *service.crash);
    json.endObject();
  }
  json.endArray();
}

void writeServerLoads(JsonWriter& json, const RunFacts& run) {
  json.key("server_requests").beginArray();
  for (const auto& [server, load] : run.server_loads) {
    json.beginObject().field("server", server).field("requests", load.requests);
    json.field("most_in_a_second", load.mostInASecond()).field("waited", load.waited);
    json.field("longest_wait_ms", load.longest_wait_ms).endObject();
  }
  json.endArray();
}

void writeLooks(JsonWriter& json, const RunFacts& run) {
  if (run.looks.empty())
    return;
  json.key("looks").beginArray();
  for (const SampleJudged& look : run.looks) {
    json.beginObject().field("calls_per_arm", look.calls_per_arm);
    json.key("deviations").number(look.deviations, 4);
    json.field("outcome", look.outcome).field("planned", look.planned).field("why", look.why);
    json.endObject();
  }
  json.endArray();
}

void writeServerFaults(JsonWriter& json, const RunFacts& run) {
  if (run.faults.empty())
    return;
  json.key("faults").beginArray();
  for (const FaultSpan& span : run.faults) {
    json.beginObject().field("fault", span.fault).field("service", span.service);
    json.field("at_ms", toMs(span.begin - run.epoch)).field("late_ms", span.late_ms);
    writeField(json, "lasted_ms",
               span.end ? std::optional(toMs(*span.end - span.begin)) : std::nullopt);
    json.endObject();
  }
  json.endArray();
}

void writeRun(JsonWriter& json, const Summary& summary) {
  const RunFacts& run = summary.run;
  json.key("run").beginObject();
  json.field("id", run.id).field("scenario", run.scenario).field("profile", run.profile);
  json.key("seed").raw(std::to_string(run.seed));
  json.field("wall_clock", run.wall_clock).key("versions").raw(run.versions_json);
  if (!run.local_addresses.empty())
    json.field("local_addresses", run.local_addresses);
  json.field("finish_reason", run.finish_reason).field("length_ms", toMs(run.length));
  json.field("stray_events", run.stray_events).field("unreadable_lines", run.unreadable_lines);
  writeLooks(json, run);
  writeHosts(json, run);
  writeServerLoads(json, run);
  writeServerFaults(json, run);
  json.endObject();
}

const char* basisOf(const Threshold& threshold) {
  return isOfEachCall(threshold)                      ? "each_call"
         : threshold.rule == ThresholdRule::kEstimate ? "estimate"
                                                      : "interval";
}

std::optional<double> callsNeeded(const Judgement& judgement) {
  const bool is_open = judgement.ruling == Ruling::kInconclusive;
  return is_open && judgement.evidence.calls_needed
             ? std::optional<double>(*judgement.evidence.calls_needed)
             : std::nullopt;
}

void writeThresholds(JsonWriter& json, const Verdict& verdict) {
  json.key("thresholds").beginArray();
  for (const Judgement& judgement : verdict.judgements) {
    json.beginObject().field("measure", judgement.threshold.key);
    json.field("expression", judgement.threshold.expression);
    if (!judgement.arm.empty())
      json.field("turn", judgement.arm);
    writeField(json, "observed", judgement.observed, 6);  // not reached is infinite, so null
    json.field("observed_text", observedText(judgement));
    json.field("result", toString(judgement.ruling));
    json.field("judged_by", basisOf(judgement.threshold));
    json.field("n", static_cast<std::int64_t>(judgement.evidence.n));
    writeInterval(json, "interval", judgement.evidence.interval);
    json.field("unit", rowOf(judgement.threshold.measure).unit);
    writeField(json, "calls_needed", callsNeeded(judgement), 0);
    json.endObject();
  }
  json.endArray();
}

void writeSentences(JsonWriter& json, const char* key, const std::vector<std::string>& sentences) {
  json.key(key).beginArray();
  for (const std::string& sentence : sentences)
    json.string(sentence);
  json.endArray();
}

}  // namespace

std::string summaryJson(const Summary& summary, const Verdict& verdict) {
  JsonWriter json(JsonWriter::Style::kIndented);
  json.beginObject().field("verdict", toString(verdict.ruling));
  json.field("sentence", closingSentence(summary, verdict));
  writeSentences(json, "reasons", reasonsOf(verdict));
  writeSentences(json, "notes", notesOf(verdict));
  json.field("interval_name", intervalName(verdict));
  writeThresholds(json, verdict);
  writeRun(json, summary);
  json.key("total");
  writeCell(json, summary.total, summary.media);
  json.key("cells").beginArray();
  for (const Cell& cell : summary.cells)
    writeCell(json, cell, summary.media);
  json.endArray();
  writeGrid(json, summary);
  json.endObject();
  return json.take() + "\n";
}

}  // namespace turnout
