#include "orchestrator/statistics/kaplan_meier.h"

#include "orchestrator/statistics/wilson.h"

#include <algorithm>
#include <cmath>
#include <limits>

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

}  // namespace turnout
