#include "orchestrator/report/json_parts.h"

namespace turnout {
namespace {

template <class Times>
void writePercentiles(JsonWriter& json, const Times& times, int decimals = 3) {
  writeField(json, "p50", times.percentile(50), decimals);
  writeField(json, "p90", times.percentile(90), decimals);
  writeField(json, "p95", times.percentile(95), decimals);
  writeField(json, "p99", times.percentile(99), decimals);
  writeField(json, "max", times.percentile(100), decimals);
}

}  // namespace

void writeField(JsonWriter& json, const char* key, std::optional<double> value, int decimals) {
  json.key(key);
  if (value)
    json.number(*value, decimals);
  else
    json.null();
}

void writeInterval(JsonWriter& json, const char* key, const std::optional<Interval>& interval) {
  json.key(key);
  if (interval)  // an end that is not bounded is infinite, so null
    json.beginArray().number(interval->low, 4).number(interval->high, 4).endArray();
  else
    json.null();
}

void writeField(JsonWriter& json, const char* key, const WaitingTimes& times) {
  json.key(key).beginObject();
  json.field("n", static_cast<std::int64_t>(times.curve.size()));
  json.field("censored", static_cast<std::int64_t>(times.curve.censored()));
  json.field("horizon", times.horizon_ms);
  writeField(json, "mean", times.curve.restrictedMean(times.horizon_ms));
  writePercentiles(json, times.curve);
  json.endObject();
}

void writeField(JsonWriter& json, const char* key, const Sample& sample, int decimals) {
  json.key(key).beginObject();
  json.field("n", static_cast<std::int64_t>(sample.size()));
  writeField(json, "mean", sample.mean(), decimals);
  writePercentiles(json, sample, decimals);
  json.endObject();
}

void writeField(JsonWriter& json, const char* key, const std::map<std::string, int>& counts) {
  json.key(key).beginObject();
  for (const auto& [name, count] : counts)
    json.field(name, count);
  json.endObject();
}

}  // namespace turnout
