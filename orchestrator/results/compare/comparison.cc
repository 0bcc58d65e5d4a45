#include "orchestrator/results/compare/comparison.h"

#include "orchestrator/statistics/interval.h"
#include "orchestrator/statistics/proportions.h"
#include "orchestrator/statistics/quantiles.h"
#include "orchestrator/statistics/rank_tests.h"
#include "orchestrator/statistics/sample_size.h"
#include "orchestrator/statistics/survival.h"
#include "scenarios/plan.h"

#include <algorithm>
#include <cmath>

namespace turnout {
namespace {

// A call that never connected took at least until the deadline, where it ranks behind all others.
std::vector<double> timesUpToDeadline(const ArmSample& arm) {
  std::vector<double> times;
  for (const auto& [block, call] : arm.calls)
    times.push_back(call.connect.time_ms);
  return times;
}

ComparedArm describe(const ArmSample& arm, double z) {
  const SurvivalCurve curve(arm.connectTimes());
  const auto estimate = [&](double p) {
    return PercentileEstimate{curve.percentile(p), curve.percentileInterval(p, z)};
  };
  return {arm.run, arm.arm, arm.success(), arm.left_out, estimate(50), estimate(95)};
}

// With unequal arms the smaller one decides: the harmonic mean of both.
int callsAnArm(Proportion a, Proportion b) {
  return a.trials + b.trials == 0
             ? 0
             : static_cast<int>(2.0 * a.trials * b.trials / (a.trials + b.trials));
}

SuccessComparison compareSuccess(Proportion reference, Proportion candidate,
                                 const ComparisonSpec& spec, std::size_t comparisons) {
  SuccessComparison result;
  if (reference.trials == 0 || candidate.trials == 0)
    return result;
  result.difference = candidate.rate() - reference.rate();
  const RateComparison compared = compareRates(reference, candidate, spec.alpha);
  result.interval = compared.interval;
  result.p = compared.p;
  result.fisher_p = fisherExact(reference, candidate);
  // Holm asks this much of the smallest p of all.
  const TestSpec test{.alpha = spec.alpha / static_cast<double>(comparisons)};
  if (const auto seen = visibleDrop(reference.rate(), callsAnArm(reference, candidate), test))
    result.visible_drop = reference.rate() - *seen;
  result.asked_drop = spec.margin.value_or(result.asked_drop);
  if (reference.rate() > result.asked_drop)
    result.calls_needed = callsPerArm(reference.rate(), reference.rate() - result.asked_drop, test);
  return result;
}

TimeComparison compareTimes(const ArmSample& reference, const ArmSample& candidate,
                            const ComparisonSpec& spec) {
  const std::vector<Observation> before = reference.connectTimes(),
                                 after = candidate.connectTimes();
  const LogRank rank = logRank(before, after);
  TimeComparison result;
  result.hazard_ratio = rank.hazard_ratio;
  result.p = rank.p;
  result.shift_ms = hodgesLehmannShift(timesUpToDeadline(reference), timesUpToDeadline(candidate),
                                       spec.confidence());
  // A bootstrap cannot know of times beyond the sample: only where p95 itself is bounded.
  const auto isBounded =
      [z = zOfConfidence(spec.confidence())](const std::vector<Observation>& times) {
        return std::isfinite(SurvivalCurve(times).percentileInterval(95, z).high);
      };
  if (isBounded(before) && isBounded(after))
    result.p95_difference =
        bootstrapDifference(timesUpToDeadline(reference), timesUpToDeadline(candidate),
                            {.confidence = spec.confidence()});
  return result;
}

std::optional<PairedComparison> comparePairs(const ArmSample& reference,
                                             const ArmSample& candidate) {
  if (reference.from != candidate.from)
    return std::nullopt;
  PairedComparison paired;
  std::vector<double> later_by;
  for (const auto& [block, one] : reference.calls) {
    const auto found = candidate.calls.find(block);
    if (found == candidate.calls.end())
      continue;
    const ArmCall& other = found->second;
    paired.pairs++;
    paired.only_reference += one.succeeded && !other.succeeded ? 1 : 0;
    paired.only_candidate += other.succeeded && !one.succeeded ? 1 : 0;
    later_by.push_back(other.connect.time_ms - one.connect.time_ms);
  }
  paired.mcnemar_p = mcnemarExact(paired.only_reference, paired.only_candidate);
  paired.wilcoxon_p = wilcoxonSignedRank(std::move(later_by)).p;
  return paired;
}

bool isWithin(Interval interval, std::optional<double> margin) {
  return margin && interval.low > -*margin && interval.high < *margin;
}

bool hasData(const ArmComparison& comparison) {
  return comparison.reference.success.trials > 0 && comparison.candidate.success.trials > 0;
}

// One rule for both measures. Something is called different only when that is shown (p), and with a
// margin only when the whole interval lies beyond it.
Finding findingOf(double p, Interval interval, std::optional<double> margin, bool is_better,
                  const ComparisonSpec& spec) {
  if (isWithin(interval, margin))
    return Finding::kNoRelevantDifference;
  if (p >= spec.alpha)
    return Finding::kNoDifferenceShown;
  const double reach = margin.value_or(0);
  if (margin && interval.low < reach && interval.high > -reach)
    return Finding::kPerhapsRelevant;
  return is_better ? Finding::kBetter : Finding::kWorse;
}

void judgeSuccess(SuccessComparison& success, const ComparisonSpec& spec) {
  success.finding =
      findingOf(success.p_adjusted, success.interval, spec.margin, success.difference > 0, spec);
}

void judgeTimes(TimeComparison& times, const ComparisonSpec& spec) {
  times.finding = findingOf(times.p_adjusted, times.shift_ms->interval, spec.margin_ms,
                            times.hazard_ratio > 1, spec);
}

// Sets what `to` names from what `from` names, over all comparisons.
template <class From, class To>
void adjust(std::vector<ArmComparison>& comparisons, From from, To to) {
  std::vector<double> ps;
  for (const ArmComparison& comparison : comparisons)
    ps.push_back(from(comparison));
  const std::vector<double> adjusted = holm(ps);
  for (std::size_t i = 0; i < comparisons.size(); i++)
    to(comparisons[i]) = adjusted[i];
}

}  // namespace

std::vector<ArmComparison> compareArms(const std::vector<ArmPair>& pairs,
                                       const ComparisonSpec& spec) {
  const double z = zOfConfidence(spec.confidence());
  std::vector<ArmComparison> all;
  for (const auto& [reference, candidate] : pairs) {
    all.push_back({describe(reference, z), describe(candidate, z),
                   compareSuccess(reference.success(), candidate.success(), spec, pairs.size()),
                   compareTimes(reference, candidate, spec), comparePairs(reference, candidate)});
  }
  adjust(
      all, [](const ArmComparison& c) { return c.success.p; },
      [](ArmComparison& c) -> double& { return c.success.p_adjusted; });
  adjust(
      all, [](const ArmComparison& c) { return c.success.fisher_p; },
      [](ArmComparison& c) -> double& { return c.success.fisher_p_adjusted; });
  adjust(
      all, [](const ArmComparison& c) { return c.connect_time.p; },
      [](ArmComparison& c) -> double& { return c.connect_time.p_adjusted; });
  for (ArmComparison& comparison : all) {
    if (!hasData(comparison))
      continue;
    judgeSuccess(comparison.success, spec);
    judgeTimes(comparison.connect_time, spec);
  }
  return all;
}

Ruling ruleAgainstBaseline(const std::vector<ArmComparison>& comparisons,
                           const ComparisonSpec& spec) {
  bool is_open = comparisons.empty();
  for (const ArmComparison& comparison : comparisons) {
    const SuccessComparison& success = comparison.success;
    const TimeComparison& times = comparison.connect_time;
    if (success.finding == Finding::kWorse || times.finding == Finding::kWorse)
      return Ruling::kFail;
    if (success.finding == Finding::kNoData)
      is_open = true;
    else if (spec.margin &&
             decide(success.interval, -*spec.margin, GoodSide::kAbove) != Decision::kGood)
      is_open = true;
    else if (spec.margin_ms &&
             decide(times.shift_ms->interval, *spec.margin_ms, GoodSide::kBelow) != Decision::kGood)
      is_open = true;
  }
  return is_open ? Ruling::kInconclusive : Ruling::kPass;
}

std::string successWord(Finding finding) {
  switch (finding) {
    case Finding::kNoData:
      return "no data";
    case Finding::kBetter:
      return "better";
    case Finding::kWorse:
      return "worse";
    case Finding::kNoRelevantDifference:
      return "no relevant difference";
    case Finding::kPerhapsRelevant:
      return "perhaps relevant";
    case Finding::kNoDifferenceShown:
      return "no difference shown";
  }
  return "";
}

std::string timeWord(Finding finding) {
  switch (finding) {
    case Finding::kBetter:
      return "faster";
    case Finding::kWorse:
      return "slower";
    case Finding::kNoData:
    case Finding::kNoRelevantDifference:
    case Finding::kPerhapsRelevant:
    case Finding::kNoDifferenceShown:
      break;
  }
  return successWord(finding);
}

namespace {

bool isFinished(const CallOutcome& call) {
  return call.state == CallState::kSucceeded || call.state == CallState::kFailed;
}

Observation connectTimeOf(const CallOutcome& call, Duration deadline) {
  return call.connect_time ? Observation{toMs(*call.connect_time), Observation::End::kHappened}
                           : Observation{toMs(deadline), Observation::End::kCensored};
}

}  // namespace

Proportion ArmSample::success() const {
  Proportion success{0, static_cast<int>(calls.size())};
  for (const auto& [block, call] : calls)
    success.successes += call.succeeded ? 1 : 0;
  return success;
}

std::vector<Observation> ArmSample::connectTimes() const {
  std::vector<Observation> times;
  for (const auto& [block, call] : calls)
    times.push_back(call.connect);
  return times;
}

ArmSample armSample(const StoredRun& run, std::size_t arm, const std::string& name) {
  ArmSample sample{name, run.scenario.turn[arm].name, {}, run.outcomes.untoldOf(arm), &run};
  const Plan plan = makeLargestPlan(run.scenario);
  for (const CallOutcome& call : run.outcomes.calls) {
    if (static_cast<std::size_t>(call.arm) != arm)
      continue;
    if (!isFinished(call)) {
      sample.left_out++;
      continue;
    }
    const int block = plan.calls[static_cast<std::size_t>(call.call)].block;
    sample.calls[block] = {call.state == CallState::kSucceeded,
                           connectTimeOf(call, run.scenario.deadlines.connect)};
  }
  return sample;
}

}  // namespace turnout
