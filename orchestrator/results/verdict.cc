#include "orchestrator/results/verdict.h"

#include "orchestrator/results/figures.h"
#include "orchestrator/results/observed.h"

#include <algorithm>

namespace turnout {
namespace {

std::string nameOf(const Judgement& judgement) {
  const std::string key = judgement.threshold.key.substr(0, judgement.threshold.key.find('{'));
  const std::string where = judgement.turn.empty() ? "" : " of " + judgement.turn;
  return key + where + " " + judgement.threshold.expression;
}

// Whether both ends of a rate's 95 % interval lie on the same side of the limit.
bool isProved(const Cell& cell, const Judgement& judgement) {
  const auto of = proportionIn(cell, judgement.threshold.measure);
  if (!of || !judgement.observed)
    return true;
  const Interval interval = wilson95(of->successes, of->trials);
  const auto at = [&](double rate) {
    return holds(judgement.threshold.comparison, rate, judgement.threshold.limit);
  };
  return at(interval.low) == at(interval.high);
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
  void judgeThresholds();
  void judgeOn(const Cell& cell, const Threshold& threshold);
  void noteOddities();
  void noteUncertainty();
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

// One sentence for all: a comparison of eight arms would fill the screen with the same remark.
void Judge::noteUncertainty() {
  int unproved = 0;
  for (const Judgement& judgement : verdict_.judgements)
    unproved += judgement.is_proved ? 0 : 1;
  if (unproved == 0)
    return;
  verdict_.notes.push_back(
      countText(unproved, "rate threshold") + (unproved == 1 ? " is" : " are") +
      " judged on so few calls that the 95 % interval reaches to the other side of the limit.");
}

void Judge::judgeOn(const Cell& cell, const Threshold& threshold) {
  Judgement judgement{threshold, cell.turn, observedIn(cell, threshold)};
  judgement.holds =
      judgement.observed && holds(threshold.comparison, *judgement.observed, threshold.limit);
  judgement.is_proved = isProved(cell, judgement);
  verdict_.judgements.push_back(std::move(judgement));
}

void Judge::judgeThresholds() {
  for (const Threshold& threshold : scenario_.thresholds) {
    if (threshold.turn.empty())
      judgeOn(summary_.total, threshold);
    for (const Cell& cell : summary_.cells) {
      if (threshold.turn == "*" || threshold.turn == cell.turn)
        judgeOn(cell, threshold);
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
  judgeThresholds();
  noteUncertainty();
  noteFaults();
  noteOddities();
  const bool doubted = !verdict_.reasons.empty();
  bool failed = false;
  for (const Judgement& judgement : verdict_.judgements) {
    if (judgement.holds)
      continue;
    failed = true;
    if (!judgement.observed && doubted)
      continue;  // its doubt is already told
    verdict_.reasons.push_back(nameOf(judgement) + " does not hold: " + observedText(judgement) +
                               ".");
  }
  if (doubted)
    verdict_.ruling = Ruling::kInconclusive;
  else if (failed)
    verdict_.ruling = Ruling::kFail;
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

std::string observedText(const Judgement& judgement) {
  if (!judgement.observed)
    return "no data";
  if (*judgement.observed == kNotReached)
    return "not reached";
  switch (quantityOf(judgement.threshold.measure)) {
    case Quantity::kRate:
      return percentText(*judgement.observed);
    case Quantity::kCount:
      return std::to_string(static_cast<int>(*judgement.observed));
    case Quantity::kTime:
      break;
  }
  return millisecondsText(*judgement.observed);
}

Verdict judge(const Scenario& scenario, const Summary& summary) {
  return Judge(scenario, summary).rule();
}

}  // namespace turnout
