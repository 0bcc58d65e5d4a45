#include "orchestrator/results/judge/verdict.h"

#include "orchestrator/results/fold/figures.h"
#include "orchestrator/results/judge/judgement_words.h"
#include "orchestrator/results/judge/observed.h"

#include <algorithm>

namespace turnout {
namespace {

// What decides when nothing is estimated, or when the scenario asks for it.
bool isJudgedAsObserved(const Threshold& threshold) {
  return threshold.rule == ThresholdRule::kEstimate || isOfEachCall(threshold);
}

Ruling rulingOf(const Judgement& judgement) {
  const Threshold& threshold = judgement.threshold;
  const auto isGood = [&](double value) {
    return holds(threshold.comparison, value, threshold.limit);
  };
  if (!judgement.observed)
    return Ruling::kInconclusive;
  if (isJudgedAsObserved(threshold))
    return isGood(*judgement.observed) ? Ruling::kPass : Ruling::kFail;
  if (!judgement.evidence.interval)
    return Ruling::kInconclusive;
  const bool low_is_good = isGood(judgement.evidence.interval->low);
  const bool high_is_good = isGood(judgement.evidence.interval->high);
  return low_is_good != high_is_good ? Ruling::kInconclusive
         : low_is_good               ? Ruling::kPass
                                     : Ruling::kFail;
}

bool asksTurn(const TurnArm& arm) {
  return std::ranges::any_of(arm.ice_servers, [](const ScenarioServer& server) {
    return std::ranges::any_of(server.urls,
                               [](const std::string& url) { return url.starts_with("turn"); });
  });
}

// Each arm, of those that have such a thing at all.
bool isMeantBy(const Threshold& threshold, const TurnArm& arm) {
  if (threshold.turn != "*")
    return threshold.turn == arm.name;
  return threshold.measure != Measure::kTurnErrorRate || asksTurn(arm);
}

Judgement judgementOf(const Cell& cell, const Threshold& threshold, double deviations) {
  Judgement judgement{threshold,
                      cell.turn,
                      observedIn(cell, threshold),
                      evidenceIn(cell, threshold, deviations),
                      {}};
  judgement.ruling = rulingOf(judgement);
  return judgement;
}

// Of the last look of a run that may grow; one that was never looked at decides nothing.
double deviationsFor(const Scenario& scenario, const RunFacts& run) {
  if (!scenario.max_calls_per_arm)
    return zOfConfidence(0.95);
  return run.looks.empty() ? kTooEarly : run.looks.back().deviations;
}

class Judge {
 public:
  Judge(const Scenario& scenario, const Summary& summary)
      : scenario_(scenario), summary_(summary) {}

  Verdict rule();

 private:
  void doubtTheRun();
  void doubtTheServices();
  void doubtTheFaults();
  void doubtTheCalls();
  void doubtTheSchedule();
  void tellThresholds();
  void noteLooks();
  void noteOddities();
  void noteFaults();
  void doubt(std::string why) { verdict_.reasons.push_back(std::move(why)); }

  const Scenario& scenario_;
  const Summary& summary_;
  Verdict verdict_;
};

void Judge::doubtTheRun() {
  const RunFacts& run = summary_.run;
  const std::string done = std::to_string(summary_.total.finished()) + " of " +
                           countText(summary_.total.planned, "call") + " finished";
  if (run.finish_reason.empty())
    doubt("The event log has no end (turnout was killed, or still runs): " + done + ".");
  else if (run.finish_reason != "completed")
    doubt("The run was " + run.finish_reason + ": " + done + ".");
  if (run.unreadable_lines > 0)
    doubt(countText(run.unreadable_lines, "line") + " of the event log could not be read.");
}

void Judge::doubtTheServices() {
  for (const auto& [name, service] : summary_.run.services) {
    if (service.crash)
      doubt("The " + name + " service died during the run (" + *service.crash + ").");
  }
}

void Judge::doubtTheFaults() {
  const std::size_t planned = scenario_.faults.size(), made = summary_.run.faults.size();
  if (made < planned && summary_.run.finish_reason == "completed")
    doubt(std::to_string(planned - made) + " of " +
          countText(static_cast<int>(planned), "planned fault") +
          " of the servers never came: the calls were over before.");
}

void Judge::doubtTheCalls() {
  for (const auto& [cause, tally] : summary_.total.abortions) {
    std::string calls = countText(tally.calls, "call");
    calls += tally.calls == 1 ? " was" : " were";
    if (cause == FailureCause::kHostCrashed)
      doubt(calls + " lost because a bot host died.");
    else if (cause != FailureCause::kInterrupted || summary_.run.finish_reason == "completed")
      doubt(calls + " lost by turnout: " + tally.example + ".");
  }
  if (summary_.total.not_started > 0 && summary_.run.finish_reason == "completed")
    doubt(countText(summary_.total.not_started, "planned call") + " never started.");
  for (const Cell& cell : summary_.cells) {
    if (cell.finished() == 0)
      doubt("No call of " + cell.turn + " finished.");
  }
}

void Judge::doubtTheSchedule() {
  const auto lag = summary_.total.schedule_lag_ms.percentile(99);
  if (lag && *lag > kScheduleLagLimitMs)
    doubt("turnout itself was the bottleneck: bots started up to " + millisecondsText(*lag) +
          " late (99th percentile, limit " + millisecondsText(kScheduleLagLimitMs) +
          "); lower the rate or give it more CPU.");
}

// Fails first: they are what one looks for.
void Judge::tellThresholds() {
  for (const Ruling ruling : {Ruling::kFail, Ruling::kInconclusive}) {
    for (const Judgement& judgement : verdict_.judgements) {
      // Where turnout was in the way, what is missing is its doing, and told already.
      if (judgement.ruling == ruling && (judgement.observed || verdict_.is_sound))
        verdict_.reasons.push_back(sentenceOf(judgement, verdict_));
    }
  }
}

void Judge::noteFaults() {
  const SessionTally& session = summary_.total.session;
  const bool judged =
      std::any_of(scenario_.thresholds.begin(), scenario_.thresholds.end(),
                  [](const Threshold& t) { return t.measure == Measure::kAppFaults; });
  if (session.appFaults() > 0 && !judged)
    verdict_.notes.push_back("the app made " + countText(session.appFaults(), "mistake") +
                             " (above), and no threshold on app_faults judges that.");
}

void Judge::noteLooks() {
  const auto& looks = summary_.run.looks;
  if (looks.size() < 2)
    return;
  verdict_.notes.push_back("the run grew from " + countText(looks.front().calls_per_arm, "call") +
                           " an arm to " + std::to_string(looks.back().calls_per_arm) + ", in " +
                           std::to_string(looks.size()) +
                           " looks; intervals hold over all of them.");
}

void Judge::noteOddities() {
  if (summary_.total.dropped > 0)
    verdict_.notes.push_back(countText(summary_.total.dropped, "call") +
                             " lost a link after all had connected.");
  if (summary_.run.stray_events > 0)
    verdict_.notes.push_back(countText(summary_.run.stray_events, "event") +
                             " of the log belong to no call, bot or link of the plan.");
  for (const auto& [index, host] : summary_.run.hosts) {
    if (host.loop_lag_p99_ms > kScheduleLagLimitMs)
      verdict_.notes.push_back("bot host " + std::to_string(index) + " was up to " +
                               millisecondsText(host.loop_lag_p99_ms) +
                               " late in its worst second: times near it contain turnout's own.");
  }
}

Verdict Judge::rule() {
  doubtTheRun();
  doubtTheServices();
  doubtTheFaults();
  doubtTheCalls();
  doubtTheSchedule();
  verdict_.is_sound = verdict_.reasons.empty();
  verdict_.deviations = deviationsFor(scenario_, summary_.run);
  verdict_.judgements = judgeThresholds(scenario_, summary_, verdict_.deviations);
  tellThresholds();
  noteLooks();
  noteFaults();
  noteOddities();
  const bool fails = countOf(verdict_.judgements, Ruling::kFail) > 0;
  const bool is_open = countOf(verdict_.judgements, Ruling::kInconclusive) > 0;
  verdict_.ruling = !verdict_.is_sound ? Ruling::kInconclusive
                    : fails            ? Ruling::kFail
                    : is_open          ? Ruling::kInconclusive
                                       : Ruling::kPass;
  return std::move(verdict_);
}

}  // namespace

const char* toString(Ruling ruling) {
  switch (ruling) {
    case Ruling::kPass:
      return "pass";
    case Ruling::kFail:
      return "fail";
    case Ruling::kInconclusive:
      return "inconclusive";
  }
  return "";
}

int countOf(const std::vector<Judgement>& judgements, Ruling ruling) {
  return static_cast<int>(std::ranges::count_if(
      judgements, [&](const Judgement& judgement) { return judgement.ruling == ruling; }));
}

std::vector<Judgement> judgeThresholds(const Scenario& scenario, const Summary& summary,
                                       double deviations) {
  std::vector<Judgement> judgements;
  for (const Threshold& threshold : scenario.thresholds) {
    if (threshold.turn.empty())
      judgements.push_back(judgementOf(summary.total, threshold, deviations));
    for (std::size_t arm = 0; arm < scenario.turn.size(); arm++) {
      if (isMeantBy(threshold, scenario.turn[arm]))
        judgements.push_back(judgementOf(summary.cells[arm], threshold, deviations));
    }
  }
  return judgements;
}

Verdict judge(const Scenario& scenario, const Summary& summary) {
  return Judge(scenario, summary).rule();
}

}  // namespace turnout
