#include "orchestrator/live/live_run.h"

#include "orchestrator/report/closing_sentence.h"
#include "orchestrator/report/measure_json.h"
#include "orchestrator/report/prometheus.h"
#include "orchestrator/results/diagnosis/diagnosis.h"
#include "orchestrator/results/judge/judged_run.h"
#include "orchestrator/statistics/normal.h"
#include "pipelines/base/json.h"

#include <algorithm>

namespace turnout {
namespace {

constexpr auto kLeastAge = 1s;
constexpr int kShareOfTime = 20;

void writeArm(JsonWriter& json, const Cell& cell) {
  const SurvivalCurve& curve = cell.connect_time.curve;
  json.beginObject().field("turn", cell.turn).field("planned", cell.planned);
  json.field("started", cell.started).field("running", cell.running);
  json.field("succeeded", cell.succeeded).field("failed", cell.failed);
  json.field("aborted", cell.aborted);
  writeField(json, "success_rate", cell.successRate(), 4);
  writeInterval(json, "success_rate_ci95", cell.successInterval());
  json.key("watched_ms").number(curve.watchedFor(), 1);
  for (const auto& [percentile, key] : {std::pair{50, "p50"}, {95, "p95"}}) {
    json.key(key).beginObject();
    writeField(json, "ms", curve.percentile(percentile), 1);
    writeInterval(json, "ci95",
                  curve.size() > 0
                      ? std::optional(curve.percentileInterval(percentile, zOfConfidence(0.95)))
                      : std::nullopt);
    json.endObject();
  }
  json.endObject();
}

const char* wordOf(Progress::Phase phase) {
  switch (phase) {
    case Progress::Phase::kStarting:
      return "starting";
    case Progress::Phase::kRunning:
      return "running";
    case Progress::Phase::kFinished:
      return "finished";
  }
  return "";
}

}  // namespace

template <class Make>
const std::string& LiveRun::fresh(std::optional<Made>& made, Make make) {
  const Instant before = now();
  if (!made || made->good_until <= before) {
    made = Made{make(), {}};
    const Instant after = now();
    made->good_until = after + std::max<Duration>(kLeastAge, kShareOfTime * (after - before));
  }
  return made->text;
}

const std::string& LiveRun::pageJson() {
  return fresh(page_, [this] { return makePageJson(); });
}

const std::string& LiveRun::metrics() {
  return fresh(metrics_, [this] { return makeMetrics(); });
}

void LiveRun::finish() {
  stage_ = Stage::kOver;
  page_.reset();
  metrics_.reset();
}

std::string LiveRun::makePageJson() const {
  const Outcomes outcomes = stage_ == Stage::kOver ? fold_.finish() : fold_.soFar();
  const Summary summary = summarise(scenario_, outcomes);
  const Instant at = now();
  JsonWriter json;
  json.beginObject().field("scenario", scenario_.name);
  json.field("description", scenario_.description).field("run", summary.run.id);
  json.field("phase", wordOf(progress_.phase()));
  json.key("elapsed_ms").number(toMs(std::max(Duration::zero(), progress_.elapsed(at))), 0);
  json.key("left_ms").number(toMs(progress_.left(at)), 0);
  json.key("arms").beginArray();
  for (const Cell& cell : summary.cells)
    writeArm(json, cell);
  json.endArray().key("bots").beginObject();
  for (std::size_t state = 0; state < kBotStateWords.size(); state++)
    json.field(kBotStateWords[state], tally_.bots(static_cast<BotState>(state)));
  json.endObject().field("failures_seen", tally_.failuresSeen());
  json.key("failures").beginArray();
  for (const FailureSeen& failure : tally_.failures())
    writeFailure(json, failure, outcomes);
  json.endArray();
  if (stage_ == Stage::kOver) {
    const Verdict verdict = judge(scenario_, summary);
    json.field("verdict", toString(verdict.ruling));
    json.field("sentence", closingSentence(summary, verdict));
  }
  return json.endObject().take();
}

// With its diagnosis, once the call is judged.
void LiveRun::writeFailure(JsonWriter& json, const FailureSeen& failure,
                           const Outcomes& outcomes) const {
  const auto index = static_cast<std::size_t>(failure.call);
  const CallOutcome* call = index < outcomes.calls.size() ? &outcomes.calls[index] : nullptr;
  json.beginObject().field("call", failure.call).field("arm", call ? call->arm : -1);
  json.key("at_ms").number(toMs(progress_.elapsed(failure.at)), 0);
  if (call && call->cause) {
    const TurnArm& arm = scenario_.turn[static_cast<std::size_t>(call->arm)];
    const Diagnosis diagnosis = diagnosisOf(*call, arm, outcomes.run);
    json.field("cause", toString(diagnosis.cause)).field("detail", diagnosis.evidence);
    json.field("remedy", wordsOf(diagnosis.cause).remedy);
  } else {
    json.field("cause", toString(failure.cause)).field("detail", failure.detail);
    json.field("remedy", "");
  }
  json.endObject();
}

std::string LiveRun::makeMetrics() const {
  const bool is_over = stage_ == Stage::kOver;
  const JudgedRun run = judged({scenario_, is_over ? fold_.finish() : fold_.soFar()});
  return prometheusMetrics(run, is_over ? RunStage::kOver : RunStage::kGoingOn);
}

}  // namespace turnout
