#include "orchestrator/results/judge/verdict.h"

#include "orchestrator/results/diagnosis/server_diagnosis.h"

#include <algorithm>
#include <utility>

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

Judgement judgementOf(const Cell& cell, const Threshold& threshold, double deviations) {
  Judgement judgement{threshold,
                      cell.arm,
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

bool isCompleted(const RunFacts& run) {
  return run.finish_reason == "completed";
}

void doubtTheRun(const Summary& summary, std::vector<Doubt>& doubts) {
  const RunFacts& run = summary.run;
  const Cell& total = summary.total;
  if (run.finish_reason.empty())
    doubts.push_back(doubt::LogHasNoEnd{total.finished(), total.planned});
  else if (!isCompleted(run))
    doubts.push_back(doubt::NotCompleted{run.finish_reason, total.finished(), total.planned});
  if (run.unreadable_lines > 0)
    doubts.push_back(doubt::LogNotRead{run.unreadable_lines});
  for (const auto& [name, service] : run.services) {
    if (service.crash)
      doubts.push_back(doubt::ServiceDied{name, *service.crash});
  }
  for (const auto& [process, resources] : run.exhausted)
    for (const std::string& resource : resources)
      doubts.push_back(doubt::ResourceShort{process, resource});
}

void doubtTheFaults(const Scenario& scenario, const RunFacts& run, std::vector<Doubt>& doubts) {
  const auto planned = static_cast<int>(scenario.faults.size());
  const auto made = static_cast<int>(run.faults.size());
  if (made < planned && isCompleted(run))
    doubts.push_back(doubt::FaultsNotMade{planned - made, planned});
}

CauseTally stalledIn(const Cell& cell) {
  const auto stalled = cell.abortions.find(FailureCause::kHostStalled);
  return stalled == cell.abortions.end() ? CauseTally{} : stalled->second;
}

double coresOfHosts(const RunFacts& run) {
  double cores = 0;
  for (const auto& [index, host] : run.hosts)
    cores += host.cpu_cores_max;
  return cores;
}

void doubtTheCalls(const Summary& summary, std::vector<Doubt>& doubts) {
  for (const auto& [cause, tally] : summary.total.abortions) {
    const bool is_told_elsewhere =
        cause == FailureCause::kHostStalled ||
        (cause == FailureCause::kInterrupted && !isCompleted(summary.run));
    if (!is_told_elsewhere)
      doubts.push_back(doubt::CallsLost{cause, tally.calls, tally.example});
  }
  if (summary.total.not_started > 0 && isCompleted(summary.run))
    doubts.push_back(doubt::NotStarted{summary.total.not_started});
  for (const Cell& cell : summary.cells) {
    const CauseTally stalled = stalledIn(cell);
    if (stalled.calls > kMostStalledShare * cell.started)
      doubts.push_back(doubt::CallsStalled{cell.arm, stalled.calls, cell.started, stalled.example});
    if (cell.finished() == 0)
      doubts.push_back(doubt::ArmWithoutResult{cell.arm});
  }
  const auto lag = summary.total.schedule_lag_ms.percentile(99);
  if (lag && *lag > kScheduleLagLimitMs)
    doubts.push_back(doubt::BotsLate{*lag, coresOfHosts(summary.run)});
}

std::vector<Doubt> doubtsOf(const Scenario& scenario, const Summary& summary) {
  std::vector<Doubt> doubts;
  doubtTheRun(summary, doubts);
  doubtTheFaults(scenario, summary.run, doubts);
  doubtTheCalls(summary, doubts);
  return doubts;
}

void noteTheServers(const Scenario& scenario, const Summary& summary, std::vector<Note>& notes) {
  for (const auto& [url, server] : summary.total.servers)
    for (const std::string& relay : server.relays)
      if (isElsewhere(url, relay))
        notes.push_back(note::RelayElsewhere{url, relay});
  for (const auto& [server, load] : summary.run.server_loads)
    if (load.waited > 0)
      notes.push_back(note::ServersSpared{server, load.waited, load.longest_wait_ms,
                                          scenario.server_requests_per_s});
}

// How the calls of such runs end is what their thresholds are about.
bool disturbsItsCalls(const Scenario& scenario) {
  return !scenario.steps.empty() || !scenario.faults.empty();
}

std::vector<Note> notesOf(const Scenario& scenario, const Summary& summary) {
  std::vector<Note> notes;
  const RunFacts& run = summary.run;
  if (run.looks.size() >= 2)
    notes.push_back(note::Grew{run.looks.front().calls_per_arm, run.looks.back().calls_per_arm,
                               static_cast<int>(run.looks.size())});
  const int mistakes = summary.total.session.appFaults();
  const bool are_judged = std::ranges::any_of(
      scenario.thresholds, [](const Threshold& t) { return t.measure == Measure::kAppFaults; });
  if (mistakes > 0 && !are_judged)
    notes.push_back(note::UnjudgedAppFaults{mistakes});
  if (summary.total.dropped > 0)
    notes.push_back(note::CallsDropped{summary.total.dropped});
  for (const auto& [media, calls] : summary.total.one_way)
    notes.push_back(note::OneWay{media, calls, summary.total.connected});
  if (summary.total.sockets_lost > 0 && !disturbsItsCalls(scenario))
    notes.push_back(
        note::SocketsLost{summary.total.sockets_lost, summary.total.calls_with_sockets_lost});
  if (run.stray_events > 0)
    notes.push_back(note::StrayEvents{run.stray_events});
  if (const CauseTally stalled = stalledIn(summary.total); stalled.calls > 0)
    notes.push_back(note::CallsLeftOut{stalled.calls, stalled.example});
  noteTheServers(scenario, summary, notes);
  for (const auto& [index, host] : run.hosts) {
    if (host.loop_lag_p99_ms > kScheduleLagLimitMs)
      notes.push_back(note::HostLate{index, host.loop_lag_p99_ms});
  }
  return notes;
}

bool hasNothingConnected(const Summary& summary) {
  int finished = 0, connected = 0;
  for (const Cell& cell : summary.cells) {
    finished += cell.is_to_fail ? 0 : cell.finished();
    connected += cell.connected;
  }
  return finished > 0 && connected == 0;
}

bool hasNothingKept(const Scenario& scenario, const Summary& summary) {
  if (disturbsItsCalls(scenario))
    return false;
  int connected = 0, dropped = 0;
  for (const Cell& cell : summary.cells) {
    connected += cell.is_to_fail ? 0 : cell.connected;
    dropped += cell.is_to_fail ? 0 : cell.fates.dropped;
  }
  return dropped > 0 && dropped == connected;
}

bool asksOfKeeping(const Scenario& scenario) {
  return std::ranges::any_of(scenario.thresholds, [](const Threshold& threshold) {
    switch (threshold.measure) {
      case Measure::kDropOffRate:
      case Measure::kKeptRate:
      case Measure::kLoss:
      case Measure::kGap:
        return true;
      default:
        return false;
    }
  });
}

Ruling rulingOf(const std::vector<Judgement>& judgements) {
  if (countOf(judgements, Ruling::kFail) > 0)
    return Ruling::kFail;
  return countOf(judgements, Ruling::kInconclusive) > 0 ? Ruling::kInconclusive : Ruling::kPass;
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
  return static_cast<int>(std::ranges::count(judgements, ruling, &Judgement::ruling));
}

std::vector<Judgement> judgeThresholds(const Scenario& scenario, const Summary& summary,
                                       double deviations) {
  std::vector<Judgement> judgements;
  const bool is_keeping_implied = !disturbsItsCalls(scenario) && !asksOfKeeping(scenario);
  const auto judgeCell = [&](const Cell& cell, const Threshold& threshold) {
    judgements.push_back(judgementOf(cell, threshold, deviations));
    if (!is_keeping_implied || cell.fates.kept == cell.fates.all())
      return;
    if (const auto implied = keepingImpliedBy(threshold))
      judgements.push_back(judgementOf(cell, *implied, deviations));
  };
  for (const Threshold& threshold : scenario.thresholds) {
    if (threshold.arm.empty())
      judgeCell(summary.pooled, threshold);
    for (std::size_t arm = 0; arm < scenario.turn.size(); arm++) {
      if (isMeantFor(threshold, scenario.turn[arm]))
        judgeCell(summary.cells[arm], threshold);
    }
  }
  return judgements;
}

void Verdict::add(Doubt doubt) {
  doubts.push_back(std::move(doubt));
  ruling = Ruling::kInconclusive;
}

Verdict judge(const Scenario& scenario, const Summary& summary) {
  Verdict verdict;
  verdict.deviations = deviationsFor(scenario, summary.run);
  verdict.judgements = judgeThresholds(scenario, summary, verdict.deviations);
  verdict.notes = notesOf(scenario, summary);
  verdict.nothing_connected = hasNothingConnected(summary);
  verdict.nothing_kept = hasNothingKept(scenario, summary);
  verdict.ruling = rulingOf(verdict.judgements);
  if ((verdict.nothing_connected || verdict.nothing_kept) && verdict.ruling == Ruling::kPass)
    verdict.ruling = Ruling::kFail;
  for (Doubt& doubt : doubtsOf(scenario, summary))
    verdict.add(std::move(doubt));
  return verdict;
}

JudgedRun judged(StoredRun run) {
  Summary summary = summarise(run.scenario, run.outcomes);
  Verdict verdict = judge(run.scenario, summary);
  return {std::move(run.scenario), std::move(run.outcomes), std::move(summary), std::move(verdict)};
}

Result<JudgedRun> judgeStoredRun(const std::string& directory) {
  auto run = readStoredRun(directory);
  if (!run)
    return run.error();
  return judged(*std::move(run));
}

}  // namespace turnout
