#include "orchestrator/statistics/fisher.h"

#include <algorithm>
#include <vector>

namespace turnout {
namespace {

// The hypergeometric probabilities of least..most successes on side a, divided by the largest of
// them. From the mode outwards each is a factor times the one before: no factorials, so no loss of
// digits, and one multiplication a table.
struct Tables {
  int least = 0;
  std::vector<double> weights;
};

Tables tablesWithMargins(Proportion a, Proportion b) {
  const int good = a.successes + b.successes;
  const int least = std::max(0, good - b.trials);
  const int most = std::min(a.trials, good);
  const auto next = [&](int x) {  // weight of x + 1 by that of x
    return static_cast<double>(good - x) * (a.trials - x) /
           ((x + 1.0) * (b.trials - good + x + 1.0));
  };
  const double mode = (a.trials + 1.0) * (good + 1.0) / (a.trials + b.trials + 2.0);
  const int centre = std::clamp(static_cast<int>(mode), least, most);

  Tables tables{least, std::vector<double>(static_cast<std::size_t>(most - least) + 1)};
  const auto weight = [&](int x) -> double& {
    return tables.weights[static_cast<std::size_t>(x - least)];
  };
  weight(centre) = 1;
  for (int x = centre; x < most; x++)
    weight(x + 1) = weight(x) * next(x);
  for (int x = centre; x > least; x--)
    weight(x - 1) = weight(x) / next(x - 1);
  return tables;
}

}  // namespace

double fisherExact(Proportion a, Proportion b) {
  if (a.trials <= 0 || b.trials <= 0)
    return 1;
  const Tables tables = tablesWithMargins(a, b);
  constexpr double kTie = 1 + 1e-7;  // equally probable tables differ in the last bits
  const double observed = tables.weights[static_cast<std::size_t>(a.successes - tables.least)];
  double all = 0, unlikely = 0;
  for (const double weight : tables.weights) {
    all += weight;
    unlikely += weight <= observed * kTie ? weight : 0;
  }
  return std::min(1.0, unlikely / all);
}

}  // namespace turnout
