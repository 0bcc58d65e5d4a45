// How JSON reports write what is measured: the parts that several of them share. Absent is null,
// never zero.
#pragma once

#include "bots/timeline/event.h"
#include "orchestrator/results/fold/summary.h"
#include "pipelines/base/json.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace turnout {

// A value, an interval, a distribution or counts by word, as a field of the open object.
void writeField(JsonWriter& json, const char* key, std::optional<double> value, int decimals = 3);
void writeInterval(JsonWriter& json, const char* key, const std::optional<Interval>& interval);
void writeField(JsonWriter& json, const char* key, const WaitingTimes& times);
void writeField(JsonWriter& json, const char* key, const Sample& sample, int decimals = 3);
void writeField(JsonWriter& json, const char* key, const std::map<std::string, int>& counts);

// What is of the app and its server, as fields of the open object (docs/MEASURES.md).
void writeSession(JsonWriter& json, const Cell& cell);

// How it went over the course of the run, as the field "course" of the open object, for a chart
// (html/course_chart.js): { spans, span_ms, arms: [[[begin_ms, finished, succeeded, p50_ms or null]]] }.
void writeCourse(JsonWriter& json, const Outcomes& outcomes, std::size_t arms);

// One call for the page of a report: what became of it, and each of its events as a short row
//   [ms after the scheduled start, bot, peer (-1: none), kind, text, round (absent: 1)]
// The page draws its waterfall from these.
void writeCall(JsonWriter& json, const CallOutcome& call, const std::vector<Event>& events);

}  // namespace turnout
