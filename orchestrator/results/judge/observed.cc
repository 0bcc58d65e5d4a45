#include "orchestrator/results/judge/observed.h"

namespace turnout {
namespace {

std::optional<double> observe(const WaitingTimes& times, const Threshold& threshold) {
  const SurvivalCurve& curve = times.curve;
  if (curve.size() == 0)
    return std::nullopt;
  switch (threshold.aggregate) {
    case Aggregate::kMean:
      return curve.restrictedMean(times.horizon_ms);
    case Aggregate::kMin:
      return curve.min().value_or(kNotReached);
    case Aggregate::kMax:
      return curve.percentile(100).value_or(kNotReached);
    case Aggregate::kPercentile:
      return curve.percentile(threshold.percentile).value_or(kNotReached);
    case Aggregate::kRate:
    case Aggregate::kCount:
      break;
  }
  return std::nullopt;
}

std::optional<double> observe(const std::optional<WaitingTimes>& times,
                              const Threshold& threshold) {
  return times ? observe(*times, threshold) : std::nullopt;
}

std::optional<double> observe(const Sample& sample, const Threshold& threshold) {
  switch (threshold.aggregate) {
    case Aggregate::kMean:
      return sample.mean();
    case Aggregate::kMin:
      return sample.min();
    case Aggregate::kMax:
      return sample.max();
    case Aggregate::kPercentile:
      return sample.percentile(threshold.percentile);
    case Aggregate::kRate:
    case Aggregate::kCount:
      break;
  }
  return std::nullopt;
}

std::optional<double> countIn(const Cell& cell, int times) {
  return cell.started > 0 ? std::optional<double>(times) : std::nullopt;
}

}  // namespace

std::optional<Proportion> proportionIn(const Cell& cell, Measure measure) {
  switch (measure) {
    case Measure::kSuccessRate:
      return Proportion{cell.succeeded, cell.finished()};
    case Measure::kSessionErrorRate:
      return cell.sessionErrorRate();
    case Measure::kRecoveryRate:
      return cell.session.recovery();
    case Measure::kTurnErrorRate:
      return cell.turnErrorRate();
    default:
      return std::nullopt;
  }
}

std::optional<double> observedIn(const Cell& cell, const Threshold& threshold) {
  switch (threshold.measure) {
    case Measure::kSuccessRate:
    case Measure::kSessionErrorRate:
    case Measure::kRecoveryRate:
    case Measure::kTurnErrorRate: {
      const auto of = proportionIn(cell, threshold.measure);
      return of && of->trials > 0 ? std::optional(of->rate()) : std::nullopt;
    }
    case Measure::kConnectTime:
      return observe(cell.connect_time, threshold);
    case Measure::kFirstMediaTime:
      return observe(cell.first_media_time, threshold);
    case Measure::kSignalingTime:
      return observe(cell.signaling_time, threshold);
    case Measure::kScheduleLag:
      return observe(cell.schedule_lag_ms, threshold);
    case Measure::kJoinTime:
      return observe(cell.session.join_ms, threshold);
    case Measure::kWaitTime:
      return observe(cell.session.wait_time, threshold);
    case Measure::kMessageRoundTrip:
      return cell.session.messages ? observe(cell.session.messages->round_trip_ms, threshold)
                                   : std::nullopt;
    case Measure::kOutageTime:
      return observe(cell.session.outage_time, threshold);
    case Measure::kSessionErrors:
      return countIn(cell, cell.session.sessionErrors());
    case Measure::kAppFaults:
      return countIn(cell, cell.session.appFaults());
  }
  return std::nullopt;
}

}  // namespace turnout
