#include "orchestrator/report/reports.h"
#include "orchestrator/results/fold/figures.h"

#include <algorithm>
#include <vector>

#include <glib.h>

namespace turnout {
namespace {

constexpr std::size_t kToldArms = 3;

std::string outOf(Proportion success) {
  return std::to_string(success.successes) + " of " + std::to_string(success.trials);
}

bool isDifferent(Finding finding) {
  return finding == Finding::kBetter || finding == Finding::kWorse;
}

// "typically +120 ms"; where half of the calls are as before, what became of the slow ones.
std::string timesText(const ArmComparison& comparison) {
  const Shift& shift = *comparison.connect_time.shift_ms;
  if (!contains(shift.interval, 0))
    return "typically " + shiftText(shift.estimate);
  return "p95 " + reachedText(comparison.candidate.p95.ms) + " against " +
         reachedText(comparison.reference.p95.ms);
}

// "turn-tls is worse (75 of 100 calls succeeded, not 95 of 100) and slower (typically +120 ms)"
std::string clauseOf(const ComparisonReport& report, const ArmComparison& comparison) {
  const SuccessComparison& success = comparison.success;
  const TimeComparison& times = comparison.connect_time;
  std::vector<std::string> words;
  if (isDifferent(success.finding))
    words.push_back(successWord(success.finding) + " (" + outOf(comparison.candidate.success) +
                    " calls succeeded, not " + outOf(comparison.reference.success) + ")");
  // Calls that fail make an arm slower as well; that alone is told already.
  const bool is_told = isDifferent(success.finding) && contains(times.shift_ms->interval, 0);
  if (isDifferent(times.finding) && !is_told)
    words.push_back(timeWord(times.finding) + " (" + timesText(comparison) + ")");
  return nameOf(report, comparison) + " is " + words.front() +
         (words.size() > 1 ? " and " + words.back() : "");
}

// What the arms without a shown difference may still hide.
std::string clauseOfUndecided(std::vector<const ArmComparison*> undecided, bool are_all) {
  double largest = 0;
  int needed = 0;
  bool is_blind = false;
  for (const ArmComparison* comparison : undecided) {
    is_blind |= !comparison->success.visible_drop;
    largest = std::max(largest, comparison->success.visible_drop.value_or(0));
    needed = std::max(needed, comparison->success.calls_needed.value_or(0));
  }
  std::string clause = are_all ? "no difference is shown"
                               : "for " + std::to_string(undecided.size()) +
                                     (undecided.size() == 1 ? " other" : " others") +
                                     " no difference is shown";
  clause += is_blind ? ", and so few calls could not have shown any"
                     : ", and only a drop of success by " + pointsSizeText(largest) +
                           " or more could have been seen (in 80 % of cases)";
  if (needed > 0)
    clause += "; to see one by " + pointsSizeText(undecided.front()->success.asked_drop) +
              " takes " + std::to_string(needed) + " calls an arm";
  return clause;
}

std::vector<std::string> clausesOf(const ComparisonReport& report) {
  std::vector<std::string> clauses;
  std::vector<const ArmComparison*> undecided;
  std::size_t without_data = 0, alike = 0, different = 0, perhaps = 0;
  for (const ArmComparison& comparison : report.comparisons) {
    const Finding finding = comparison.success.finding;
    if (finding == Finding::kNoData)
      without_data++;
    else if (isDifferent(finding) || isDifferent(comparison.connect_time.finding)) {
      if (++different <= kToldArms)
        clauses.push_back(clauseOf(report, comparison));
    } else if (finding == Finding::kPerhapsRelevant ||
               comparison.connect_time.finding == Finding::kPerhapsRelevant)
      perhaps++;
    else if (finding == Finding::kNoRelevantDifference)
      alike++;
    else
      undecided.push_back(&comparison);
  }
  const std::size_t all = report.comparisons.size();
  if (different > kToldArms)
    clauses.push_back(std::to_string(different - kToldArms) + " more differ");
  if (perhaps > 0)
    clauses.push_back(std::to_string(perhaps) + " of " + std::to_string(all) +
                      " differ, perhaps by less than what matters");
  if (alike > 0)
    clauses.push_back(std::to_string(alike) + " of " + std::to_string(all) +
                      " differ by less than what matters");
  if (!undecided.empty())
    clauses.push_back(clauseOfUndecided(undecided, undecided.size() == all));
  if (without_data > 0)
    clauses.push_back(std::to_string(without_data) + " of " + std::to_string(all) +
                      " cannot be compared: no finished calls");
  return clauses;
}

std::string openingOf(Ruling ruling) {
  switch (ruling) {
    case Ruling::kPass:
      return "Not shown to be worse than the baseline: ";
    case Ruling::kFail:
      return "Worse than the baseline: ";
    case Ruling::kInconclusive:
      return "Nobody can say whether this is worse than the baseline: ";
  }
  return "";
}

}  // namespace

std::string comparisonSentence(const ComparisonReport& report) {
  std::string sentence = report.ruling ? openingOf(*report.ruling) : "";
  bool is_first = true;
  for (const std::string& clause : clausesOf(report)) {
    sentence += (is_first ? "" : "; ") + clause;
    is_first = false;
  }
  if (!report.ruling && sentence.starts_with("no "))
    sentence[0] = g_ascii_toupper(sentence[0]);
  return sentence + ".";
}

}  // namespace turnout
