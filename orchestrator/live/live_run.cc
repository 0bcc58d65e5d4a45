#include "orchestrator/live/live_run.h"

#include "orchestrator/report/json_parts.h"
#include "orchestrator/report/run_report.h"
#include "orchestrator/results/diagnosis/diagnosis.h"
#include "orchestrator/results/judge/verdict.h"
#include "orchestrator/statistics/normal.h"
#include "pipelines/base/json.h"

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

namespace turnout {
namespace {

constexpr auto kLeastAge = 1s;
constexpr int kShareOfTime = 20;

void writeArm(JsonWriter& json, const Cell& cell) {
  const SurvivalCurve& curve = cell.connect_time.curve;
  json.beginObject().field("turn", cell.arm).field("planned", cell.planned);
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

void writeBots(JsonWriter& json, const std::vector<CallOutcome>& calls) {
  constexpr std::array kStages{
      std::pair{BotStage::kJoining, "joining"}, std::pair{BotStage::kConnecting, "connecting"},
      std::pair{BotStage::kInCall, "in_call"},  std::pair{BotStage::kInStep, "in_step"},
      std::pair{BotStage::kFailed, "failed"},   std::pair{BotStage::kLeft, "left"}};
  json.key("bots").beginObject();
  for (const auto& [stage, word] : kStages) {
    std::int64_t bots = 0;
    for (const CallOutcome& call : calls)
      bots += std::ranges::count(call.bots, stage);
    json.field(word, bots);
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
  json.endArray();
  writeBots(json, outcomes.calls);
  writeFailures(json, outcomes);
  if (stage_ == Stage::kOver) {
    const Verdict verdict = judge(scenario_, summary);
    json.field("verdict", toString(verdict.ruling));
    json.field("sentence", closingSentence(summary, verdict));
  }
  return json.endObject().take();
}

// The newest first.
void LiveRun::writeFailures(JsonWriter& json, const Outcomes& outcomes) const {
  std::vector<const CallOutcome*> failed;
  for (const CallOutcome& call : outcomes.calls) {
    if (call.failure)
      failed.push_back(&call);
  }
  std::ranges::stable_sort(failed, std::greater(),
                           [](const CallOutcome* call) { return call->failure->at; });
  json.field("failures_seen", static_cast<int>(failed.size()));
  json.key("failures").beginArray();
  for (std::size_t i = 0; i < std::min(failed.size(), kToldFailures); i++)
    writeFailure(json, *failed[i], outcomes.run);
  json.endArray();
}

// With its diagnosis; of a call that was dropped, what dropped it.
void LiveRun::writeFailure(JsonWriter& json, const CallOutcome& call, const RunFacts& run) const {
  json.beginObject().field("call", call.call).field("arm", call.arm);
  json.key("at_ms").number(toMs(progress_.elapsed(call.failure->at)), 0);
  if (call.cause) {
    const Diagnosis diagnosis =
        diagnosisOf(call, scenario_.turn[static_cast<std::size_t>(call.arm)], run);
    json.field("cause", toString(diagnosis.cause)).field("detail", diagnosis.evidence);
    json.field("remedy", wordsOf(diagnosis.cause).remedy);
  } else {
    json.field("cause", toString(call.failure->cause)).field("detail", call.failure->detail);
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
