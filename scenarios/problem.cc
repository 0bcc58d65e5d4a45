#include "scenarios/problem.h"

#include <algorithm>

namespace turnout {

std::string problemsText(const std::string& file, const ScenarioProblems& problems) {
  std::string text;
  for (const ScenarioProblem& problem : problems) {
    text += file;
    if (problem.line > 0)
      text += ":" + std::to_string(problem.line) + ":" + std::to_string(problem.column);
    text += ": ";
    if (!problem.path.empty())
      text += problem.path + ": ";
    text += problem.message + "\n";
  }
  return text;
}

namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

std::size_t editDistance(std::string_view a, std::string_view b) {
  // Three rows of the usual table: before the last, last, current.
  std::vector<std::size_t> older, last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); j++)
    last[j] = j;
  for (std::size_t i = 1; i <= a.size(); i++) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); j++) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
          lower(a[i - 2]) == lower(b[j - 1]))
        row[j] = std::min(row[j], older[j - 2] + 1);
    }
    older = last;
    last = row;
  }
  return last[b.size()];
}

std::string nearest(std::string_view word, const std::vector<std::string>& candidates) {
  std::string best;
  std::size_t best_distance = 0;
  for (const std::string& candidate : candidates) {
    const std::size_t longer = std::max(word.size(), candidate.size());
    if (longer > 64)
      continue;  // not a slip of the pen, and the table would be large
    const std::size_t distance = editDistance(word, candidate);
    if (distance <= (longer + 2) / 3 && distance < longer &&
        (best.empty() || distance < best_distance)) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

std::string suggestion(std::string_view word, const std::vector<std::string>& candidates) {
  if (const std::string near = nearest(word, candidates); !near.empty())
    return " (did you mean \"" + near + "\"?)";
  std::string known;
  for (const std::string& candidate : candidates)
    known += (known.empty() ? "" : ", ") + candidate;
  return known.empty() ? "" : " (known: " + known + ")";
}

}  // namespace turnout
