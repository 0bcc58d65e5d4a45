#include "orchestrator/results/judge/evidence.h"

#include "orchestrator/results/judge/observed.h"
#include "orchestrator/statistics/sample_size.h"

#include <algorithm>

namespace turnout {
namespace {

Evidence of(Proportion rate, std::size_t calls, const Threshold& threshold, double z) {
  const std::size_t n = std::min(calls, static_cast<std::size_t>(rate.trials));
  if (n == 0)
    return {};
  return {n, wilson(rate.rate(), static_cast<double>(n), z),
          callsToDecide(rate.rate(), threshold.limit, z)};
}

// A percentile is below the limit when more than that share of all values are.
std::optional<int> callsNeeded(double share_within, const Threshold& threshold, double z) {
  return callsToDecide(share_within, threshold.percentile / 100, z);
}

Evidence of(const WaitingTimes& times, std::size_t calls, const Threshold& threshold, double z) {
  const SurvivalCurve& curve = times.curve;
  Evidence evidence{std::min(calls, curve.size()), {}, {}};
  if (evidence.n == 0)
    return evidence;
  if (threshold.aggregate == Aggregate::kPercentile) {
    evidence.interval = curve.percentileInterval(threshold.percentile, z);
    evidence.calls_needed = callsNeeded(1 - curve.notYetAt(threshold.limit), threshold, z);
  } else if (threshold.aggregate == Aggregate::kMean) {
    evidence.interval = curve.restrictedMeanInterval(times.horizon_ms, z);
  }
  return evidence;
}

Evidence of(const Sample& sample, std::size_t calls, const Threshold& threshold, double z) {
  Evidence evidence{std::min(calls, sample.size()), {}, {}};
  if (evidence.n == 0)
    return evidence;
  if (threshold.aggregate == Aggregate::kPercentile) {
    evidence.interval = sample.percentileInterval(threshold.percentile, calls, z);
    evidence.calls_needed = callsNeeded(sample.shareUpTo(threshold.limit), threshold, z);
  } else if (threshold.aggregate == Aggregate::kMean) {
    evidence.interval = sample.meanInterval(calls, z);
  }
  return evidence;
}

}  // namespace

Evidence evidenceIn(const Cell& cell, const Threshold& threshold, double z) {
  const auto calls = static_cast<std::size_t>(cell.started);
  if (const auto rate = proportionIn(cell, threshold.measure))
    return of(*rate, calls, threshold, z);
  const auto ofTimes = [&](const std::optional<WaitingTimes>& times) {
    return times ? of(*times, calls, threshold, z) : Evidence{};
  };
  switch (threshold.measure) {
    case Measure::kConnectTime:
      return ofTimes(cell.connect_time);
    case Measure::kFirstMediaTime:
      return ofTimes(cell.first_media_time);
    case Measure::kSignalingTime:
      return ofTimes(cell.signaling_time);
    case Measure::kWaitTime:
      return ofTimes(cell.session.wait_time);
    case Measure::kOutageTime:
      return ofTimes(cell.session.outage_time);
    case Measure::kJoinTime:
      return of(cell.session.join_ms, calls, threshold, z);
    case Measure::kMessageRoundTrip:
      return cell.session.messages ? of(cell.session.messages->round_trip_ms, calls, threshold, z)
                                   : Evidence{};
    default:
      return {calls, {}, {}};  // counts, and turnout's own lateness: of these calls, no estimate
  }
}

}  // namespace turnout
