#include "orchestrator/statistics/proportions.h"

#include "orchestrator/statistics/interval.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <vector>

#include <boost/math/distributions/binomial.hpp>

namespace turnout {
Interval wilson(Proportion observed, double z) {
  return wilson(observed.rate(), observed.trials, z);
}

Interval wilson(double rate, double n, double z) {
  if (n <= 0)
    return {};
  const double shrink = 1 + z * z / n;
  const double centre = (rate + z * z / (2 * n)) / shrink;
  const double half = z * std::sqrt(rate * (1 - rate) / n + z * z / (4 * n * n)) / shrink;
  return {rate <= 0 ? 0.0 : std::max(0.0, centre - half),
          rate >= 1 ? 1.0 : std::min(1.0, centre + half)};
}

Interval wilson95(int successes, int trials) {
  constexpr double kZ = 1.959963984540054;  // standard normal quantile of 0.975
  return wilson({successes, trials}, kZ);
}

Interval weightedWilson(const std::vector<Stratum>& strata, double z) {
  double rate = 0, below = 0, above = 0;
  for (const auto& [weight, seen] : strata) {
    const Interval each = wilson(seen, z);
    rate += weight * seen.rate();
    below += weight * weight * (seen.rate() - each.low) * (seen.rate() - each.low);
    above += weight * weight * (each.high - seen.rate()) * (each.high - seen.rate());
  }
  return {std::max(0.0, rate - std::sqrt(below)), std::min(1.0, rate + std::sqrt(above))};
}

Interval newcombe(Proportion a, Proportion b, double z) {
  if (a.trials <= 0 || b.trials <= 0)
    return {-1, 1};
  const double difference = b.rate() - a.rate();
  const Interval of_a = wilson(a, z), of_b = wilson(b, z);
  return {difference - std::hypot(b.rate() - of_b.low, of_a.high - a.rate()),
          difference + std::hypot(of_b.high - b.rate(), a.rate() - of_a.low)};
}

double newcombeP(Proportion a, Proportion b) {
  if (a.trials <= 0 || b.trials <= 0 || a.rate() == b.rate())
    return 1;
  // The interval grows with z; the z at which it meets zero lies between these.
  double outside = 0, inside = 38;  // beyond 38 the tail is no longer a double
  for (int halving = 0; halving < 60; halving++) {
    const double z = (outside + inside) / 2;
    (contains(newcombe(a, b, z), 0) ? inside : outside) = z;
  }
  return twoSidedP(inside);
}

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

namespace {

// The probabilities of 0..n successes: from the mode outwards, each a factor times the one before.
std::vector<double> binomial(int n, double rate) {
  std::vector<double> of(static_cast<std::size_t>(n) + 1);
  const auto weight = [&](int x) -> double& { return of[static_cast<std::size_t>(x)]; };
  const int mode = std::min(n, static_cast<int>((n + 1) * rate));
  weight(mode) = 1;
  if (rate > 0 && rate < 1) {
    const double odds = rate / (1 - rate);
    for (int x = mode; x < n; x++)
      weight(x + 1) = weight(x) * odds * (n - x) / (x + 1.0);
    for (int x = mode; x > 0; x--)
      weight(x - 1) = weight(x) * x / ((n - x + 1.0) * odds);
  }
  const double all = std::accumulate(of.begin(), of.end(), 0.0);
  for (double& probability : of)
    probability /= all;
  return of;
}

// Fisher's p of two outcomes that are equally probable differ in the last bits.
constexpr double kSameDistance = 1 + 1e-7;

// Fisher's p is at least the probability of that p or a smaller one, at every common rate. So what
// is farther than kFarthest adds no more than that to any sum; and what is nearer than kNearest is
// no alarm at any level.
constexpr double kFarthest = 1e-7, kNearest = 0.3;

}  // namespace

RateTest::RateTest(int trials_a, int trials_b) : trials_a_(trials_a), trials_b_(trials_b) {
  if ((trials_a + 1.0) * (trials_b + 1.0) > kLargest)
    return;
  for (int good = 0; good <= trials_a + trials_b; good++) {
    const int least = std::max(0, good - trials_b), most = std::min(trials_a, good);
    const Tables tables = tablesWithMargins({least, trials_a}, {good - least, trials_b});
    const double all = std::accumulate(tables.weights.begin(), tables.weights.end(), 0.0);
    const auto weight = [&](int x) { return tables.weights[static_cast<std::size_t>(x - least)]; };
    double sum = 0;  // of the outcomes further out, and those of this step
    const auto keep = [&](int x) {
      (sum < kFarthest * all ? farther_ : outcomes_).push_back({sum / all, x, good - x});
    };
    for (int low = least, high = most; low <= high && sum < kNearest * all;) {
      const bool takes_low = weight(low) <= weight(high) * kSameDistance;
      const bool takes_high = low < high && weight(high) <= weight(low) * kSameDistance;
      sum += (takes_low ? weight(low) : 0) + (takes_high ? weight(high) : 0);
      if (takes_low)
        keep(low);
      if (takes_high)
        keep(high);
      low += takes_low ? 1 : 0;
      high -= takes_high ? 1 : 0;
    }
  }
  std::sort(outcomes_.begin(), outcomes_.end(),
            [](const Outcome& x, const Outcome& y) { return x.distance < y.distance; });
}

// Rates as far apart as half a standard deviation of the larger sample.
template <class Visit>
void RateTest::atEachCommonRate(Visit visit) const {
  constexpr double kHalfCircle = 3.141592653589793;
  const double root = std::sqrt(static_cast<double>(std::max(trials_a_, trials_b_)));
  const int steps = std::max(64, static_cast<int>(2 * kHalfCircle * root));
  for (int step = 1; step < steps; step++) {
    const double rate = (1 - std::cos(kHalfCircle * step / steps)) / 2;
    visit(binomial(trials_a_, rate), binomial(trials_b_, rate));
  }
}

double RateTest::p(int successes_a, int successes_b) const {
  const double distance = fisherExact({successes_a, trials_a_}, {successes_b, trials_b_});
  if (outcomes_.empty() || distance < kFarthest || distance > kNearest)
    return distance;
  const auto end = std::partition_point(outcomes_.begin(), outcomes_.end(), [&](const Outcome& o) {
    return o.distance <= distance * kSameDistance;
  });
  double worst = 0;
  atEachCommonRate([&](const std::vector<double>& of_a, const std::vector<double>& of_b) {
    double sum = 0;
    for (auto o = outcomes_.begin(); o != end; ++o)
      sum += of_a[static_cast<std::size_t>(o->a)] * of_b[static_cast<std::size_t>(o->b)];
    worst = std::max(worst, sum);
  });
  return std::min(distance, worst + kFarthest);
}

// So many of the outcomes, the farthest, have a p below alpha.
std::size_t RateTest::countWithin(double alpha) const {
  std::size_t count = outcomes_.size();
  atEachCommonRate([&](const std::vector<double>& of_a, const std::vector<double>& of_b) {
    double sum = kFarthest;
    std::size_t within = 0;
    for (; within < count; within++) {
      const Outcome& o = outcomes_[within];
      sum += of_a[static_cast<std::size_t>(o.a)] * of_b[static_cast<std::size_t>(o.b)];
      if (sum >= alpha)
        break;
    }
    count = within;
  });
  while (count > 0 && count < outcomes_.size() &&
         outcomes_[count].distance <= outcomes_[count - 1].distance * kSameDistance)
    count--;  // of equal distances all or none
  return count;
}

RateComparison compareRates(Proportion a, Proportion b, double alpha) {
  if (a.trials <= 0 || b.trials <= 0)
    return {};
  const double exact = RateTest(a.trials, b.trials).p(a.successes, b.successes);
  RateComparison comparison{std::max(exact, newcombeP(a, b)),
                            newcombe(a, b, zOfConfidence(1 - alpha))};
  if (comparison.p >= alpha) {
    comparison.interval.low = std::min(comparison.interval.low, 0.0);
    comparison.interval.high = std::max(comparison.interval.high, 0.0);
  }
  return comparison;
}

RatePower::RatePower(int trials, double alpha) : trials_(trials) {
  const RateTest test(trials, trials);
  shown_ = test.farther_;
  const double z = zOfConfidence(1 - alpha);
  const std::size_t count = test.countWithin(alpha);
  std::copy_if(test.outcomes_.begin(), test.outcomes_.begin() + static_cast<std::ptrdiff_t>(count),
               std::back_inserter(shown_), [&](const RateTest::Outcome& o) {
                 return !contains(newcombe({o.a, trials}, {o.b, trials}, z), 0);
               });
}

double RatePower::at(double rate_a, double rate_b) const {
  const std::vector<double> of_a = binomial(trials_, rate_a), of_b = binomial(trials_, rate_b);
  double power = 0;
  for (const RateTest::Outcome& o : shown_)
    power += of_a[static_cast<std::size_t>(o.a)] * of_b[static_cast<std::size_t>(o.b)];
  return power;
}

double mcnemarExact(int only_first, int only_second) {
  const int differ = only_first + only_second;
  if (differ == 0)
    return 1;
  const boost::math::binomial either(differ, 0.5);
  return std::min(1.0, 2 * cdf(either, std::min(only_first, only_second)));
}

}  // namespace turnout
