#include "orchestrator/statistics/wilcoxon.h"

#include "orchestrator/statistics/normal.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>

namespace turnout {
namespace {

constexpr std::size_t kExactUpTo = 50;  // 2^50 sign patterns are counted exactly by a double

// Twice the mean rank of each difference, so that shared ranks stay whole numbers.
struct DoubledRanks {
  std::vector<int> of;
  double tie_sum = 0;  // of t^3 - t over groups of t equal ones
};

DoubledRanks doubledRanks(const std::vector<double>& by_size) {
  DoubledRanks ranks;
  for (auto first = by_size.begin(); first != by_size.end();) {
    const auto last = std::find_if(first, by_size.end(),
                                   [&](double d) { return std::abs(d) != std::abs(*first); });
    const auto before = static_cast<int>(first - by_size.begin());
    const auto ties = static_cast<int>(last - first);
    ranks.of.insert(ranks.of.end(), static_cast<std::size_t>(ties), 2 * before + ties + 1);
    ranks.tie_sum += std::pow(ties, 3) - ties;
    first = last;
  }
  return ranks;
}

// ways[s]: in how many sign patterns the doubled ranks above zero sum up to s.
double exactP(const std::vector<int>& doubled, int observed) {
  const int total = std::accumulate(doubled.begin(), doubled.end(), 0);
  std::vector<double> ways(static_cast<std::size_t>(total) + 1);
  ways[0] = 1;
  for (const int rank : doubled) {
    for (auto sum = static_cast<std::size_t>(total); sum >= static_cast<std::size_t>(rank); sum--)
      ways[sum] += ways[sum - static_cast<std::size_t>(rank)];
  }
  const int nearer_end = std::min(observed, total - observed);
  const double below = std::accumulate(ways.begin(), ways.begin() + nearer_end + 1, 0.0);
  return std::min(1.0, 2 * below / std::exp2(static_cast<double>(doubled.size())));
}

double normalP(double n, double rank_sum, double tie_sum) {
  const double mean = n * (n + 1) / 4;
  const double variance = n * (n + 1) * (2 * n + 1) / 24 - tie_sum / 48;
  const double distance = std::max(0.0, std::abs(rank_sum - mean) - 0.5);
  return twoSidedP(distance / std::sqrt(variance));
}

}  // namespace

SignedRank wilcoxonSignedRank(std::vector<double> differences) {
  std::erase(differences, 0.0);
  if (differences.empty())
    return {};
  std::sort(differences.begin(), differences.end(),
            [](double a, double b) { return std::abs(a) < std::abs(b); });
  const DoubledRanks ranks = doubledRanks(differences);
  std::int64_t doubled_sum = 0;
  for (std::size_t i = 0; i < differences.size(); i++)
    doubled_sum += differences[i] > 0 ? ranks.of[i] : 0;
  const double rank_sum = static_cast<double>(doubled_sum) / 2;
  return {static_cast<int>(differences.size()), rank_sum,
          differences.size() <= kExactUpTo
              ? exactP(ranks.of, static_cast<int>(doubled_sum))
              : normalP(static_cast<double>(differences.size()), rank_sum, ranks.tie_sum)};
}

}  // namespace turnout
