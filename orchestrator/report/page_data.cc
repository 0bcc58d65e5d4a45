#include "orchestrator/report/json_parts.h"
#include "orchestrator/report/reports.h"
#include "orchestrator/report/words.h"
#include "orchestrator/statistics/interval.h"

#include <algorithm>
#include <set>

namespace turnout {
namespace {

constexpr double kDrawnPoints = 300;  // of a curve: more cannot be told apart on a screen

void writeCurve(JsonWriter& json, const SurvivalCurve& curve) {
  json.key("curve").beginArray();
  const auto points = curve.points(zOfConfidence(0.95));
  double drawn = 1;
  for (std::size_t i = 0; i < points.size(); i++) {
    const auto& point = points[i];
    if (drawn - point.not_yet < 1 / kDrawnPoints && i > 0 && i + 1 < points.size())
      continue;
    drawn = point.not_yet;
    json.beginArray().number(point.time_ms, 1).number(point.not_yet, 4);
    json.number(point.band.low, 4).number(point.band.high, 4).endArray();
  }
  json.endArray();
}

void writeArm(JsonWriter& json, const Cell& cell) {
  const WaitingTimes& connect = cell.connect_time;
  json.beginObject().field("turn", cell.arm);
  json.field("horizon_ms", connect.horizon_ms);
  json.key("watched_ms").number(connect.curve.watchedFor(), 1);
  const auto interval = [&](double p) {
    return connect.curve.size() > 0
               ? std::optional(connect.curve.percentileInterval(p, zOfConfidence(0.95)))
               : std::nullopt;
  };
  writeInterval(json, "p50_ci95", interval(50));
  writeInterval(json, "p95_ci95", interval(95));
  writeCurve(json, connect.curve);
  json.key("abortion_examples").beginObject();
  for (const auto& [cause, tally] : cell.abortions)
    json.field(toString(cause), tally.example);
  json.endObject().endObject();
}

// Of what was seen only.
void writeWords(JsonWriter& json, const Cell& total) {
  std::set<PrimaryCause> causes;
  for (const auto& [cause, tally] : total.diagnoses)
    causes.insert(cause);
  for (const PrimaryCauseWords& words :
       allPrimaryCauses())  // those of aborted calls have equal words
    for (const auto& [cause, tally] : total.abortions)
      if (toString(cause) == words.word)
        causes.insert(words.cause);
  json.key("causes").beginObject();
  for (const PrimaryCause cause : causes) {
    const PrimaryCauseWords& words = wordsOf(cause);
    json.key(words.word).beginObject();
    json.field("meaning", words.meaning).field("remedy", words.remedy).endObject();
  }
  json.endObject().key("faults").beginObject();
  for (const auto& [fault, tally] : total.session.app_faults) {
    json.key(toString(fault)).beginObject();
    json.field("meaning", explanationOf(fault)).field("remedy", remedyFor(fault)).endObject();
  }
  json.endObject();
}

// In order of the plan; the troubled have the first claim on the space.
void writeCalls(JsonWriter& json, const JudgedRun& run, const CallEvents& events) {
  std::map<int, std::string> shown;
  std::size_t bytes = 0;
  int started = 0, troubled = 0, troubled_shown = 0;
  for (const bool turn_of_troubled : {true, false}) {
    for (const CallOutcome& call : run.outcomes.calls) {
      if (!call.started || isTroubled(call) != turn_of_troubled)
        continue;
      started++;
      troubled += turn_of_troubled ? 1 : 0;
      const auto found = events.find(call.call);
      if (found == events.end() || bytes > kBytesOfCalls)
        continue;
      JsonWriter one;
      writeCall(one, call, found->second);
      bytes += one.text().size();
      shown[call.call] = one.take();
      troubled_shown += turn_of_troubled ? 1 : 0;
    }
  }
  json.key("calls").beginObject().field("started", started).field("troubled", troubled);
  json.field("troubled_shown", troubled_shown).key("shown").beginArray();
  for (const auto& [call, text] : shown)
    json.raw(text);
  json.endArray().endObject();
}

}  // namespace

std::string pageData(const JudgedRun& run, const CallEvents& events) {
  JsonWriter json;
  json.beginObject().key("summary").raw(summaryJson(run.summary, run.verdict));
  json.key("arms").beginArray();
  for (const Cell& cell : run.summary.cells)
    writeArm(json, cell);
  json.endArray();
  writeCourse(json, run.outcomes, run.summary.cells.size());
  json.field("late_limit_ms", kScheduleLagLimitMs);
  writeWords(json, run.summary.total);
  writeCalls(json, run, events);
  json.field("seed", std::to_string(run.summary.run.seed));  // has more bits than numbers in a page
  json.field("connect_deadline_ms", toMs(run.scenario.deadlines.connect));
  json.field("description", run.scenario.description);
  return json.endObject().take();
}

}  // namespace turnout
