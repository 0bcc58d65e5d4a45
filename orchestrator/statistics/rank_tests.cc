#include "orchestrator/statistics/rank_tests.h"

#include "orchestrator/statistics/interval.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>

namespace turnout {
namespace {

constexpr std::size_t kExactUpTo = 50;  // 2^50 sign patterns are counted exactly by a double

// Doubles by their order: neighbours differ by one, so any two are at most 2^64 steps apart.
std::int64_t orderOf(double value) {
  const auto bits = std::bit_cast<std::int64_t>(value);
  return bits >= 0 ? bits : std::numeric_limits<std::int64_t>::min() - bits;
}
double valueAt(std::int64_t order) {
  return std::bit_cast<double>(order >= 0 ? order
                                          : std::numeric_limits<std::int64_t>::min() - order);
}

// All b[j] - a[i] of two sorted samples, in order, without making them.
class Differences {
 public:
  Differences(const std::vector<double>& a, const std::vector<double>& b) : a_(a), b_(b) {}

  std::int64_t size() const {
    return static_cast<std::int64_t>(a_.size()) * static_cast<std::int64_t>(b_.size());
  }

  double smallest(std::int64_t k) const {                    // the k-th, k = 1..size
    std::int64_t low = orderOf(b_.front() - a_.back()) - 1;  // fewer than k are up to here
    std::int64_t high = orderOf(b_.back() - a_.front());     // at least k
    for (auto middle = std::midpoint(low, high); middle != low; middle = std::midpoint(low, high))
      (countUpTo(valueAt(middle)) >= k ? high : low) = middle;
    return valueAt(high);
  }

 private:
  std::int64_t countUpTo(double limit) const {
    std::int64_t count = 0;
    std::size_t first = a_.size();  // of a, for which the difference is small enough
    for (auto b = b_.rbegin(); b != b_.rend(); ++b) {
      while (first > 0 && *b - a_[first - 1] <= limit)
        first--;  // and for every smaller b as well
      count += static_cast<std::int64_t>(a_.size() - first);
    }
    return count;
  }

  const std::vector<double>& a_;
  const std::vector<double>& b_;
};

// ways[u]: in how many orders of n and m values u pairs are reversed (H. B. Mann, D. R. Whitney,
// Annals of Math. Statistics 18 (1947) 50-60): the partitions of u into at most n parts of 1..m.
std::vector<double> rankSumWays(std::size_t n, std::size_t m) {
  std::vector<std::vector<double>> ways(n + 1, std::vector<double>(n * m + 1));
  for (auto& of_parts : ways)
    of_parts[0] = 1;
  for (std::size_t part = 1; part <= m; part++) {
    for (std::size_t parts = 1; parts <= n; parts++) {
      for (std::size_t u = part; u <= n * m; u++)
        ways[parts][u] += ways[parts - 1][u - part];
    }
  }
  return ways[n];
}

// How many differences lie outside of the interval at each end.
std::int64_t leftOut(std::size_t n, std::size_t m, double confidence) {
  const double tail = (1 - confidence) / 2;
  if (n > kExactUpTo || m > kExactUpTo) {
    const double pairs = static_cast<double>(n) * static_cast<double>(m);
    const double deviation = std::sqrt(pairs * static_cast<double>(n + m + 1) / 12);
    return static_cast<std::int64_t>(pairs / 2 - zOfConfidence(confidence) * deviation);
  }
  const std::vector<double> ways = rankSumWays(n, m);
  const double all = std::accumulate(ways.begin(), ways.end(), 0.0);
  std::int64_t out = 0;
  double sum = ways[0];
  while (sum <= tail * all)
    sum += ways[static_cast<std::size_t>(++out)];
  return out;
}

}  // namespace

std::optional<Shift> hodgesLehmannShift(std::vector<double> a, std::vector<double> b,
                                        double confidence) {
  if (a.empty() || b.empty())
    return std::nullopt;
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  const Differences differences(a, b);
  const std::int64_t size = differences.size();
  const std::int64_t out = std::max<std::int64_t>(0, leftOut(a.size(), b.size(), confidence));
  Shift shift{(differences.smallest((size + 1) / 2) + differences.smallest(size / 2 + 1)) / 2,
              {-kInfinite, kInfinite}};
  if (out > 0)
    shift.interval = {differences.smallest(out), differences.smallest(size + 1 - out)};
  return shift;
}

namespace {

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
