#include "orchestrator/statistics/survival.h"

#include "orchestrator/statistics/interval.h"
#include "orchestrator/statistics/proportions.h"
#include "pipelines/base/random.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <optional>

namespace turnout {
namespace {

constexpr double kLastBits = 1e-9;  // products of fractions miss by them

}  // namespace

SurvivalCurve::SurvivalCurve(std::vector<Observation> all) : size_(all.size()) {
  const auto happened = [](const Observation& o) { return o.end == Observation::End::kHappened; };
  std::sort(all.begin(), all.end(),
            [](const Observation& a, const Observation& b) { return a.time_ms < b.time_ms; });
  watched_for_ = all.empty() ? 0 : all.back().time_ms;
  double not_yet = 1;
  double greenwood = 0;  // sum of events / (at risk (at risk - events)): variance / not_yet^2
  double worth = static_cast<double>(size_);
  for (auto first = all.begin(); first != all.end();) {
    const auto next = std::find_if(
        first, all.end(), [&](const Observation& o) { return o.time_ms != first->time_ms; });
    // By convention one censored at an instant was still at risk when others had it happen then.
    const auto at_risk = static_cast<double>(all.end() - first);
    const auto events = static_cast<double>(std::count_if(first, next, happened));
    if (events > 0) {
      not_yet *= 1 - events / at_risk;
      greenwood += events / (at_risk * (at_risk - events));
      if (not_yet > 0)  // with nobody left there is no variance: as many as just before
        worth = (1 - not_yet) / (not_yet * greenwood);
      steps_.push_back({first->time_ms, not_yet, worth});
    }
    censored_ += static_cast<std::size_t>(next - first) - static_cast<std::size_t>(events);
    first = next;
  }
}

double SurvivalCurve::notYetAt(double time_ms) const {
  const auto after =
      std::upper_bound(steps_.begin(), steps_.end(), time_ms,
                       [](double time, const Step& step) { return time < step.time_ms; });
  return after == steps_.begin() ? 1 : std::prev(after)->not_yet;
}

std::optional<double> SurvivalCurve::percentile(double p) const {
  const double remaining = 1 - p / 100 + kLastBits;
  const auto step = std::find_if(steps_.begin(), steps_.end(),
                                 [&](const Step& s) { return s.not_yet <= remaining; });
  return step == steps_.end() ? std::nullopt : std::optional(step->time_ms);
}

Interval SurvivalCurve::percentileInterval(double p, double z) const {
  const double remaining = 1 - p / 100 + kLastBits;
  const auto reached = [&](double Interval::*end) {
    if (wilson(1, static_cast<double>(size_), z).*end <= remaining)
      return 0.0;  // perhaps before anything was seen
    const auto step = std::find_if(steps_.begin(), steps_.end(), [&](const Step& s) {
      return wilson(s.not_yet, s.worth, z).*end <= remaining;
    });
    return step == steps_.end() ? kInfinite : step->time_ms;
  };
  return {reached(&Interval::low), reached(&Interval::high)};
}

std::vector<SurvivalCurve::Point> SurvivalCurve::points(double z) const {
  std::vector<Point> all;
  all.reserve(steps_.size());
  for (const Step& s : steps_)
    all.push_back({s.time_ms, s.not_yet, wilson(s.not_yet, s.worth, z)});
  return all;
}

std::optional<double> SurvivalCurve::restrictedMean(double horizon_ms) const {
  if (size_ == 0)
    return std::nullopt;
  double area = 0, from = 0, height = 1;
  for (const Step& step : steps_) {
    const double until = std::min(step.time_ms, horizon_ms);
    area += height * (until - from);
    from = until;
    height = step.not_yet;
  }
  return area + height * (horizon_ms - from);
}

Interval SurvivalCurve::restrictedMeanInterval(double horizon_ms, double z) const {
  double from = 0;
  Interval band = wilson(1, static_cast<double>(size_), z), area{0, 0};
  const auto addUpTo = [&](double until) {
    area.low += band.low * (until - from);
    area.high += band.high * (until - from);
    from = until;
  };
  for (const Step& step : steps_) {
    addUpTo(std::min(step.time_ms, horizon_ms));
    band = wilson(step.not_yet, step.worth, z);
  }
  addUpTo(horizon_ms);
  return area;
}

std::optional<double> SurvivalCurve::min() const {
  return steps_.empty() ? std::nullopt : std::optional(steps_.front().time_ms);
}

namespace {

// Walks one sample in order of time.
class Waiting {
 public:
  explicit Waiting(std::vector<Observation> observations) : sorted_(std::move(observations)) {
    std::sort(sorted_.begin(), sorted_.end(),
              [](const Observation& x, const Observation& y) { return x.time_ms < y.time_ms; });
  }
  bool any() const { return next_ < sorted_.size(); }
  double nextTime() const { return sorted_[next_].time_ms; }
  double atRisk() const { return static_cast<double>(sorted_.size() - next_); }
  // Leaves behind all of that instant; how many of them happened.
  double pass(double time_ms) {
    double happened = 0;
    for (; any() && nextTime() == time_ms; next_++)
      happened += sorted_[next_].end == Observation::End::kHappened ? 1 : 0;
    return happened;
  }

 private:
  std::vector<Observation> sorted_;
  std::size_t next_ = 0;
};

constexpr double kMostCounted = 200'000;  // ways
constexpr std::size_t kMostDrawn = 1000;  // observations
constexpr int kDrawings = 40'000, kEnough = 400;
constexpr std::uint64_t kDrawingSeed = 1;

// What each observation adds to the sum of its sample: 1 if it happened, less the hazard that it
// went through until then (Nelson's and Aalen's estimate over both samples). They sum up to zero.
std::vector<double> logRankScores(std::vector<Observation> all, std::size_t first_of_b,
                                  double& sum_of_b) {
  std::vector<std::size_t> order(all.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t x, std::size_t y) { return all[x].time_ms < all[y].time_ms; });
  std::vector<double> scores;
  double hazard = 0;
  sum_of_b = 0;
  for (auto next = order.begin(); next != order.end();) {
    const double time = all[*next].time_ms;
    const auto later = std::find_if(next, order.end(),
                                    [&](std::size_t index) { return all[index].time_ms != time; });
    const auto happened = [&](std::size_t index) {
      return all[index].end == Observation::End::kHappened;
    };
    hazard += static_cast<double>(std::count_if(next, later, happened)) /
              static_cast<double>(order.end() - next);
    for (; next != later; ++next) {
      scores.push_back((happened(*next) ? 1 : 0) - hazard);
      sum_of_b += *next >= first_of_b ? scores.back() : 0;
    }
  }
  std::sort(scores.begin(), scores.end());  // so that a and b may change places
  return scores;
}

double waysToChoose(std::size_t some, std::size_t all) {
  double ways = 1;
  for (std::size_t i = 1; i <= some && ways <= kMostCounted; i++)
    ways = ways * static_cast<double>(all - some + i) / static_cast<double>(i);
  return ways;
}

// Whether a sum lies at least as far from zero as what was observed, last bits aside.
struct FarOut {
  double bound;
  explicit FarOut(double observed) : bound(std::abs(observed) * (1 - 1e-9) - 1e-12) {}
  bool operator()(double sum) const { return std::abs(sum) >= bound; }
};

// All ways to choose `some` of the scores from `next` on.
void countWays(const std::vector<double>& scores, std::size_t next, std::size_t some, double sum,
               FarOut is_far, double& far) {
  if (some == 0) {
    far += is_far(sum) ? 1 : 0;
    return;
  }
  for (; next + some <= scores.size(); next++)
    countWays(scores, next + 1, some - 1, sum + scores[next], is_far, far);
}

double drawnP(std::vector<double> scores, std::size_t some, FarOut is_far) {
  Random random(kDrawingSeed);
  int far = 0, drawings = 0;
  while (drawings < kDrawings && far < kEnough) {
    double sum = 0;
    for (std::size_t i = 0; i < some; i++) {
      const auto rest = static_cast<double>(scores.size() - i);
      const auto chosen = i + static_cast<std::size_t>(random.uniform() * rest);
      std::swap(scores[i], scores[chosen]);
      sum += scores[i];
    }
    drawings++;
    far += is_far(sum) ? 1 : 0;
  }
  return far >= kEnough ? static_cast<double>(far) / drawings : (far + 1.0) / (drawings + 1.0);
}

// Absent: too many observations.
std::optional<double> permutationP(const std::vector<Observation>& a,
                                   const std::vector<Observation>& b) {
  std::vector<Observation> all = a;
  all.insert(all.end(), b.begin(), b.end());
  const std::size_t some = std::min(a.size(), b.size());  // scores sum up to zero: either side does
  const double ways = waysToChoose(some, all.size());
  if (ways > kMostCounted && all.size() > kMostDrawn)
    return std::nullopt;
  double observed = 0;
  const std::vector<double> scores = logRankScores(std::move(all), a.size(), observed);
  const FarOut is_far(observed);
  if (ways > kMostCounted)
    return drawnP(scores, some, is_far);
  double far = 0;
  countWays(scores, 0, some, 0, is_far, far);
  return std::min(1.0, far / ways);
}

}  // namespace

LogRank logRank(std::vector<Observation> first, std::vector<Observation> second) {
  const auto permutation_p = permutationP(first, second);
  Waiting a(std::move(first)), b(std::move(second));
  double more_than_expected = 0, variance = 0;  // of b
  while (a.any() && b.any()) {                  // alone, a sample has nothing to compare with
    const double time = std::min(a.nextTime(), b.nextTime());
    const double waiting_b = b.atRisk(), waiting = waiting_b + a.atRisk();
    const double of_a = a.pass(time), of_b = b.pass(time);
    const double happened = of_a + of_b, share = waiting_b / waiting;
    more_than_expected += of_b - happened * share;
    if (waiting > 1)
      variance += happened * share * (1 - share) * (waiting - happened) / (waiting - 1);
  }
  if (variance <= 0)
    return {};
  const double z = more_than_expected / std::sqrt(variance);
  return {permutation_p.value_or(twoSidedP(z)), z * z, std::exp(more_than_expected / variance)};
}

}  // namespace turnout
