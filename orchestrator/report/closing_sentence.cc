#include "orchestrator/report/reports.h"
#include "orchestrator/report/words.h"
#include "orchestrator/results/fold/figures.h"
#include "orchestrator/results/judge/judgement_words.h"

#include <algorithm>
#include <vector>

#include <glib.h>

namespace turnout {
namespace {

// More arms than this are told in groups.
constexpr std::size_t kArmsByName = 3;

PrimaryCause mainCause(const Cell& cell) {
  return std::max_element(
             cell.diagnoses.begin(), cell.diagnoses.end(),
             [](const auto& a, const auto& b) { return a.second.calls < b.second.calls; })
      ->first;
}

// "401" for refused credentials, because that is what people search for; else the cause's word.
std::string wordFor(PrimaryCause cause) {
  return cause == PrimaryCause::kTurnAuth ? "401" : toString(cause);
}

std::string ofAll(int n) {
  return n == 1 ? "its only call" : "all " + countText(n, "call");
}

std::string clauseOf(const Cell& cell) {
  if (cell.finished() == 0)
    return cell.arm + " finished no call";
  if (cell.is_to_fail)
    return cell.connected == 0
               ? cell.arm + " failed " + ofAll(cell.failed) + ", as it should"
               : cell.arm + " connected " + std::to_string(cell.connected) + " of " +
                     countText(cell.finished(), "call") + ", and should not";
  const std::string connected = cell.arm + " connected " + std::to_string(cell.succeeded) + " of " +
                                countText(cell.finished(), "call");
  if (cell.failed == 0)
    return connected + ", p95 " + reachedText(cell.connect_time.curve.percentile(95));
  const PrimaryCause cause = mainCause(cell);
  const std::string why = wordFor(cause);
  if (cell.succeeded > 0)
    return connected + " (" + std::to_string(cell.diagnoses.at(cause).calls) + " x " + why + ")";
  return cell.arm + " failed " + ofAll(cell.failed) + " with " + why + ": " + wordsOf(cause).advice;
}

bool isPerfect(const Cell& cell) {
  return !cell.is_to_fail && cell.finished() > 0 && cell.failed == 0;
}

std::string clauseOfPerfect(const std::vector<const Cell*>& cells, std::size_t arms) {
  const Cell* slowest =
      *std::max_element(cells.begin(), cells.end(), [](const Cell* a, const Cell* b) {
        return a->connect_time.curve.percentile(95) < b->connect_time.curve.percentile(95);
      });
  const std::string who =
      cells.size() == arms ? "All " + std::to_string(arms) + " arms"
                           : std::to_string(cells.size()) + " of " + std::to_string(arms) + " arms";
  return who + " connected every call (slowest p95: " + slowest->arm + " with " +
         reachedText(slowest->connect_time.curve.percentile(95)) + ")";
}

std::vector<std::string> clausesOf(const std::vector<Cell>& cells) {
  std::vector<std::string> clauses;
  std::vector<const Cell*> perfect, others;
  for (const Cell& cell : cells)
    (isPerfect(cell) ? perfect : others).push_back(&cell);
  if (cells.size() > kArmsByName && perfect.size() > 1)
    clauses.push_back(clauseOfPerfect(perfect, cells.size()));
  else
    for (const Cell* cell : perfect)
      clauses.push_back(clauseOf(*cell));
  const bool too_many = others.size() > kArmsByName;
  for (std::size_t i = 0; i < (too_many ? kArmsByName - 1 : others.size()); i++)
    clauses.push_back(clauseOf(*others[i]));
  if (too_many)
    clauses.push_back(std::to_string(others.size() - kArmsByName + 1) + " more arms had failures");
  return clauses;
}

// "Too few calls to tell about 1 of 2 thresholds (some 73 an arm would)"
std::string clauseOfOpen(const std::vector<Judgement>& judgements) {
  const int open = countOf(judgements, Ruling::kInconclusive);
  int calls = 0;
  bool is_of_an_arm = false;
  for (const Judgement& judgement : judgements) {
    if (judgement.ruling != Ruling::kInconclusive || judgement.evidence.calls_needed <= calls)
      continue;
    calls = *judgement.evidence.calls_needed;
    is_of_an_arm = !judgement.arm.empty();
  }
  const bool is_without_data = std::ranges::all_of(judgements, [](const Judgement& judgement) {
    return judgement.ruling != Ruling::kInconclusive || !judgement.observed;
  });
  const std::string clause =
      (is_without_data ? "No data to tell about " : "Too few calls to tell about ") +
      std::to_string(open) + " of " + countText(static_cast<int>(judgements.size()), "threshold");
  const std::string where = is_of_an_arm ? " an arm" : " in all";
  return calls > 0 ? clause + " (some " + std::to_string(calls) + where + " would)" : clause;
}

std::string asClause(std::string sentence) {  // "The run was cut." -> "the run was cut"
  sentence.erase(sentence.find_last_not_of('.') + 1);
  sentence[0] = g_ascii_tolower(sentence[0]);
  return sentence;
}

}  // namespace

std::string closingSentence(const Summary& summary, const Verdict& verdict) {
  std::vector<std::string> clauses = clausesOf(summary.cells);
  if (!verdict.isSound())
    clauses.insert(clauses.begin(), "No verdict, because " + asClause(reasonsOf(verdict).front()));
  else if (verdict.ruling == Ruling::kInconclusive)
    clauses.insert(clauses.begin(), clauseOfOpen(verdict.judgements));
  if (auto fault = worstFaultClause(summary.total.session))
    clauses.push_back(*std::move(fault));
  std::string sentence;
  for (const std::string& clause : clauses)
    sentence += (sentence.empty() ? "" : "; ") + clause;
  return sentence.ends_with('?') ? sentence : sentence + ".";
}

}  // namespace turnout
