#include "orchestrator/live/live_run.h"

#include "orchestrator/report/json_parts.h"
#include "orchestrator/report/reports.h"
#include "orchestrator/results/diagnosis/diagnosis.h"
#include "orchestrator/results/judge/judgement_words.h"
#include "orchestrator/results/judge/verdict.h"
#include "orchestrator/statistics/interval.h"
#include "pipelines/base/json.h"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <string>
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

void writeThresholds(JsonWriter& json, const Verdict& verdict) {
  json.key("thresholds").beginArray();
  for (const Judgement& judgement : verdict.judgements) {
    json.beginObject().field("name", nameOf(judgement));
    json.field("result", toString(judgement.ruling)).field("observed", observedText(judgement));
    json.field("interval", intervalTextOf(judgement));
    json.field("n", static_cast<std::int64_t>(judgement.evidence.n)).endObject();
  }
  json.endArray();
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
  writeCourse(json, outcomes, summary.cells.size());
  const std::vector<Failed> failed = failedCalls(outcomes);
  writeCauses(json, failed);
  writeFailures(json, failed);
  const Verdict verdict = judge(scenario_, summary);
  writeThresholds(json, verdict);
  if (stage_ == Stage::kOver) {
    json.field("verdict", toString(verdict.ruling));
    json.field("sentence", closingSentence(summary, verdict));
    json.key("reasons").beginArray();
    for (const std::string& reason : reasonsOf(verdict))
      json.string(reason);
    json.endArray();
  }
  return json.endObject().take();
}

// With its diagnosis; of a call that was dropped, what dropped it.
std::vector<LiveRun::Failed> LiveRun::failedCalls(const Outcomes& outcomes) const {
  std::vector<Failed> failed;
  for (const CallOutcome& call : outcomes.calls) {
    if (!call.failure)
      continue;
    if (!call.cause) {
      failed.push_back(
          {&call, std::string(toString(call.failure->cause)), call.failure->detail, ""});
      continue;
    }
    const Diagnosis diagnosis =
        diagnosisOf(call, scenario_.turn[static_cast<std::size_t>(call.arm)], outcomes.run);
    failed.push_back(
        {&call, toString(diagnosis.cause), diagnosis.evidence, wordsOf(diagnosis.cause).remedy});
  }
  std::ranges::stable_sort(failed, std::greater(),
                           [](const Failed& one) { return one.call->failure->at; });
  return failed;
}

void LiveRun::writeFailures(JsonWriter& json, const std::vector<Failed>& failed) const {
  json.field("failures_seen", static_cast<int>(failed.size()));
  json.key("failures").beginArray();
  for (std::size_t i = 0; i < std::min(failed.size(), kToldFailures); i++) {
    const CallOutcome& call = *failed[i].call;
    json.beginObject().field("call", call.call).field("arm", call.arm);
    json.key("at_ms").number(toMs(progress_.elapsed(call.failure->at)), 0);
    json.field("cause", failed[i].cause).field("detail", failed[i].detail);
    json.field("remedy", failed[i].remedy).endObject();
  }
  json.endArray();
}

// By cause, the most frequent first, each with what its newest call saw.
void LiveRun::writeCauses(JsonWriter& json, const std::vector<Failed>& failed) const {
  struct Cause {
    const Failed* newest = nullptr;
    int calls = 0;
    std::map<int, int> arms = {};
  };
  std::vector<Cause> causes;
  for (const Failed& one : failed) {
    auto known = std::ranges::find_if(
        causes, [&](const Cause& cause) { return cause.newest->cause == one.cause; });
    if (known == causes.end())
      known = causes.insert(causes.end(), Cause{&one});
    known->calls++;
    known->arms[one.call->arm]++;
  }
  std::ranges::stable_sort(causes, std::greater(), &Cause::calls);
  json.key("causes").beginArray();
  for (const Cause& cause : causes) {
    json.beginObject().field("cause", cause.newest->cause).field("calls", cause.calls);
    json.field("detail", cause.newest->detail).field("remedy", cause.newest->remedy);
    json.key("arms").beginArray();
    for (const auto& [arm, calls] : cause.arms)
      json.beginObject()
          .field("turn", scenario_.turn[static_cast<std::size_t>(arm)].name)
          .field("calls", calls)
          .endObject();
    json.endArray().endObject();
  }
  json.endArray();
}

std::string LiveRun::makeMetrics() const {
  const bool is_over = stage_ == Stage::kOver;
  const JudgedRun run = judged({scenario_, is_over ? fold_.finish() : fold_.soFar()});
  return prometheusMetrics(run, is_over ? RunStage::kOver : RunStage::kGoingOn);
}

}  // namespace turnout
