#include "orchestrator/report/reports.h"
#include "pipelines/base/json.h"

namespace turnout {
namespace {

constexpr int kDigits = 6;    // of rates
constexpr int kPDigits = 12;  // of p values

void writeInterval(JsonWriter& json, const char* key, Interval interval, int decimals) {
  json.key(key).beginArray();
  json.number(interval.low, decimals).number(interval.high, decimals).endArray();
}

void writeNumber(JsonWriter& json, const char* key, std::optional<double> value, int decimals) {
  json.key(key);
  if (value)
    json.number(*value, decimals);
  else
    json.null();
}

void writePercentile(JsonWriter& json, const char* key, const PercentileEstimate& estimate) {
  json.key(key).beginObject();
  writeNumber(json, "value", estimate.ms, 3);
  writeInterval(json, "interval", estimate.interval, 3);
  json.endObject();
}

void writeArm(JsonWriter& json, const char* key, const ComparedArm& arm) {
  json.key(key).beginObject().field("run", arm.run).field("turn", arm.arm);
  json.field("succeeded", arm.success.successes).field("finished", arm.success.trials);
  json.field("left_out", arm.left_out);
  writePercentile(json, "connect_p50_ms", arm.p50);
  writePercentile(json, "connect_p95_ms", arm.p95);
  json.endObject();
}

void writeSuccess(JsonWriter& json, const SuccessComparison& success) {
  json.key("success").beginObject().field("finding", successWord(success.finding));
  json.key("difference").number(success.difference, kDigits);
  writeInterval(json, "interval", success.interval, kDigits);
  json.key("p").number(success.p, kPDigits).key("p_adjusted").number(success.p_adjusted, kPDigits);
  json.key("fisher_p").number(success.fisher_p, kPDigits);
  json.key("fisher_p_adjusted").number(success.fisher_p_adjusted, kPDigits);
  writeNumber(json, "visible_drop", success.visible_drop, kDigits);
  writeNumber(json, "asked_drop", success.asked_drop, kDigits);
  writeNumber(json, "calls_needed", success.calls_needed, 0);
  json.endObject();
}

void writeTimes(JsonWriter& json, const TimeComparison& times) {
  json.key("connect_time").beginObject().field("finding", timeWord(times.finding));
  const bool has_data = times.shift_ms.has_value();
  writeNumber(json, "shift_ms", has_data ? std::optional(times.shift_ms->estimate) : std::nullopt,
              3);
  if (has_data)
    writeInterval(json, "shift_interval_ms", times.shift_ms->interval, 3);
  if (times.p95_difference)
    writeInterval(json, "p95_difference_ms", *times.p95_difference, 3);
  json.key("hazard_ratio").number(times.hazard_ratio, kDigits);
  json.key("log_rank_p").number(times.p, kPDigits);
  json.key("log_rank_p_adjusted").number(times.p_adjusted, kPDigits);
  json.endObject();
}

void writePairs(JsonWriter& json, const PairedComparison& paired) {
  json.key("paired").beginObject().field("pairs", paired.pairs);
  json.field("only_reference_succeeded", paired.only_reference);
  json.field("only_candidate_succeeded", paired.only_candidate);
  json.key("mcnemar_p").number(paired.mcnemar_p, kPDigits);
  json.key("wilcoxon_p").number(paired.wilcoxon_p, kPDigits);
  json.endObject();
}

}  // namespace

std::string comparisonJson(const ComparisonReport& report) {
  JsonWriter json(JsonWriter::Style::kIndented);
  json.beginObject();
  if (report.ruling)
    json.field("verdict", toString(*report.ruling));
  json.field("sentence", comparisonSentence(report));
  json.key("alpha").number(report.spec.alpha, kDigits);
  writeNumber(json, "margin", report.spec.margin, kDigits);
  writeNumber(json, "margin_ms", report.spec.margin_ms, 3);
  json.key("warnings").beginArray();
  for (const std::string& warning : report.warnings)
    json.string(warning);
  json.endArray().key("comparisons").beginArray();
  for (const ArmComparison& comparison : report.comparisons) {
    json.beginObject();
    writeArm(json, "reference", comparison.reference);
    writeArm(json, "candidate", comparison.candidate);
    writeSuccess(json, comparison.success);
    writeTimes(json, comparison.connect_time);
    if (comparison.paired)
      writePairs(json, *comparison.paired);
    json.endObject();
  }
  json.endArray().endObject();
  return json.take() + "\n";
}

}  // namespace turnout
