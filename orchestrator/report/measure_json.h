// How summary.json writes what is measured. Absent is null, never zero.
#pragma once

#include "orchestrator/results/fold/waiting_times.h"
#include "orchestrator/statistics/quantiles.h"
#include "pipelines/base/json.h"

#include <map>
#include <optional>
#include <string>

namespace turnout {

void writeField(JsonWriter& json, const char* key, std::optional<double> value, int decimals = 3);
void writeInterval(JsonWriter& json, const char* key, const std::optional<Interval>& interval);
void writeField(JsonWriter& json, const char* key, const WaitingTimes& times);
void writeField(JsonWriter& json, const char* key, const Sample& sample);
void writeField(JsonWriter& json, const char* key, const std::map<std::string, int>& counts);

}  // namespace turnout
