#include "orchestrator/results/evidence.h"

#include "orchestrator/results/observed.h"
#include "orchestrator/statistics/normal.h"

namespace turnout {
namespace {

Evidence of(const WaitingTimes& times, const Threshold& threshold) {
  Evidence evidence{times.curve.size(), std::nullopt};
  if (threshold.aggregate == Aggregate::kPercentile && evidence.n > 0)
    evidence.interval95 = times.curve.percentileInterval(threshold.percentile, zOfConfidence(0.95));
  return evidence;
}

Evidence of(const std::optional<WaitingTimes>& times, const Threshold& threshold) {
  return times ? of(*times, threshold) : Evidence{};
}

}  // namespace

Evidence evidenceIn(const Cell& cell, const Threshold& threshold) {
  if (const auto rate = proportionIn(cell, threshold.measure)) {
    if (rate->trials == 0)
      return {};
    return {static_cast<std::size_t>(rate->trials), wilson95(rate->successes, rate->trials)};
  }
  switch (threshold.measure) {
    case Measure::kConnectTime:
      return of(cell.connect_time, threshold);
    case Measure::kFirstMediaTime:
      return of(cell.first_media_time, threshold);
    case Measure::kSignalingTime:
      return of(cell.signaling_time, threshold);
    case Measure::kWaitTime:
      return of(cell.session.wait_time, threshold);
    case Measure::kOutageTime:
      return of(cell.session.outage_time, threshold);
    case Measure::kScheduleLag:
      return {cell.schedule_lag_ms.size(), std::nullopt};
    case Measure::kJoinTime:
      return {cell.session.join_ms.size(), std::nullopt};
    case Measure::kMessageRoundTrip:
      return {cell.session.messages ? cell.session.messages->round_trip_ms.size() : 0,
              std::nullopt};
    default:
      return {static_cast<std::size_t>(cell.started), std::nullopt};  // counts are over calls
  }
}

}  // namespace turnout
