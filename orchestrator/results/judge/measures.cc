#include "orchestrator/results/judge/measures.h"

#include "orchestrator/statistics/sample_size.h"

#include <algorithm>
#include <array>
#include <utility>
#include <variant>
#include <vector>

namespace turnout {
namespace {

// Where the values of a measure are in a cell, in the form in which they are kept there.
struct Count {
  int times = 0;
};
using Values =
    std::variant<std::monostate, Proportion, Count, const WaitingTimes*, const Sample*, Sample>;

template <class T>
Values ifAny(const std::optional<T>& values) {
  return values ? Values(&*values) : Values();
}

bool asksTurn(const TurnArm& arm) {
  return std::ranges::any_of(arm.ice_servers, [](const ScenarioServer& server) {
    return std::ranges::any_of(server.urls,
                               [](const std::string& url) { return url.starts_with("turn"); });
  });
}

bool always(const TurnArm&) {
  return true;
}

struct Pick {
  Measure measure;
  Values (*from)(const Cell& cell, const Threshold& threshold);
  bool (*applies)(const TurnArm& arm) = always;
};

// Of the flows that the threshold means: each value is of one call, kind and direction.
template <Sample FlowTally::*kOf>
Values ofFlows(const Cell& cell, const Threshold& threshold) {
  std::vector<double> values;
  for (const auto& [key, flow] : cell.flows) {
    const bool is_meant =
        (!threshold.kind || *threshold.kind == key.kind) &&
        (!threshold.direction || *threshold.direction == std::pair(key.from, key.to));
    if (is_meant)
      values.insert(values.end(), (flow.*kOf).values().begin(), (flow.*kOf).values().end());
  }
  return Sample(std::move(values));
}

constexpr std::array kPicks{
    Pick{Measure::kSuccessRate,
         [](const Cell& cell, const Threshold&) -> Values {
           return Proportion{cell.succeeded, cell.finished()};
         }},
    Pick{Measure::kConnectTime,
         [](const Cell& cell, const Threshold&) -> Values { return &cell.connect_time; }},
    Pick{Measure::kFirstMediaTime,
         [](const Cell& cell, const Threshold&) -> Values { return ifAny(cell.first_media_time); }},
    Pick{Measure::kSignalingTime,
         [](const Cell& cell, const Threshold&) -> Values { return &cell.signaling_time; }},
    Pick{Measure::kScheduleLag,
         [](const Cell& cell, const Threshold&) -> Values { return &cell.schedule_lag_ms; }},
    Pick{Measure::kJoinTime,
         [](const Cell& cell, const Threshold&) -> Values { return &cell.session.join_ms; }},
    Pick{
        Measure::kWaitTime,
        [](const Cell& cell, const Threshold&) -> Values { return ifAny(cell.session.wait_time); }},
    Pick{Measure::kMessageRoundTrip,
         [](const Cell& cell, const Threshold&) -> Values {
           return cell.session.messages ? Values(&cell.session.messages->round_trip_ms) : Values();
         }},
    Pick{Measure::kOutageTime,
         [](const Cell& cell, const Threshold&) -> Values { return &cell.session.outage_time; }},
    Pick{Measure::kRecoveryRate,
         [](const Cell& cell, const Threshold&) -> Values { return cell.session.recovery(); }},
    Pick{Measure::kSessionErrorRate,
         [](const Cell& cell, const Threshold&) -> Values { return cell.sessionErrorRate(); }},
    Pick{Measure::kSessionErrors,
         [](const Cell& cell, const Threshold&) -> Values {
           return Count{cell.session.sessionErrors()};
         }},
    Pick{Measure::kAppFaults,
         [](const Cell& cell, const Threshold&) -> Values {
           return Count{cell.session.appFaults()};
         }},
    Pick{Measure::kTurnErrorRate,
         [](const Cell& cell, const Threshold&) -> Values { return cell.turnErrorRate(); },
         asksTurn},
    Pick{Measure::kRecoveryTime,
         [](const Cell& cell, const Threshold&) -> Values { return &cell.session.recovery_time; }},
    Pick{Measure::kKeptRate,
         [](const Cell& cell, const Threshold&) -> Values { return cell.fates.keptRate(); }},
    Pick{Measure::kDropOffRate,
         [](const Cell& cell, const Threshold&) -> Values { return cell.dropOffRate(); }},
    Pick{Measure::kLoss, ofFlows<&FlowTally::loss>},
    Pick{Measure::kJitter, ofFlows<&FlowTally::jitter_ms>},
    Pick{Measure::kGap, ofFlows<&FlowTally::gap_ms>},
    Pick{Measure::kBitrate, ofFlows<&FlowTally::bitrate_kbps>},
    Pick{Measure::kPredictedRate,
         [](const Cell& cell, const Threshold&) -> Values { return cell.as_predicted; }},
};

constexpr const Pick& pickOf(Measure measure) {
  return kPicks.at(static_cast<std::size_t>(measure));
}
static_assert(kPicks.size() == kMeasureCount &&
                  std::ranges::all_of(kPicks,
                                      [](const Pick& pick) {
                                        return &pickOf(pick.measure) == &pick;
                                      }),
              "one row for each measure, in the order of Measure");

std::optional<double> observe(const SurvivalCurve& curve, double horizon_ms,
                              const Threshold& threshold) {
  if (curve.size() == 0)
    return std::nullopt;
  switch (threshold.aggregate) {
    case Aggregate::kMean:
      return curve.restrictedMean(horizon_ms);
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

// What is asked of the evidence for one threshold in one cell.
struct Question {
  const Threshold& threshold;
  std::size_t calls;  // no more independent values than that
  double z;

  // A percentile is below the limit when more than that share of all values are.
  std::optional<int> callsNeeded(double share_within) const {
    return callsToDecide(share_within, threshold.percentile / 100, z);
  }
};

Evidence evidenceFrom(Proportion rate, const Question& ask) {
  const std::size_t n = std::min(ask.calls, static_cast<std::size_t>(rate.trials));
  if (n == 0)
    return {};
  return {n, wilson(rate.rate(), static_cast<double>(n), ask.z),
          callsToDecide(rate.rate(), ask.threshold.limit, ask.z)};
}

Evidence evidenceFrom(const WaitingTimes& times, const Question& ask) {
  const SurvivalCurve& curve = times.curve;
  Evidence evidence{std::min(ask.calls, curve.size()), {}, {}};
  if (evidence.n == 0)
    return evidence;
  if (ask.threshold.aggregate == Aggregate::kPercentile) {
    evidence.interval = curve.percentileInterval(ask.threshold.percentile, ask.z);
    evidence.calls_needed = ask.callsNeeded(1 - curve.notYetAt(ask.threshold.limit));
  } else if (ask.threshold.aggregate == Aggregate::kMean) {
    evidence.interval = curve.restrictedMeanInterval(times.horizon_ms, ask.z);
  }
  return evidence;
}

Evidence evidenceFrom(const Sample& sample, const Question& ask) {
  Evidence evidence{std::min(ask.calls, sample.size()), {}, {}};
  if (evidence.n == 0)
    return evidence;
  if (ask.threshold.aggregate == Aggregate::kPercentile) {
    evidence.interval = sample.percentileInterval(ask.threshold.percentile, ask.calls, ask.z);
    evidence.calls_needed = ask.callsNeeded(sample.shareUpTo(ask.threshold.limit));
  } else if (ask.threshold.aggregate == Aggregate::kMean) {
    evidence.interval = sample.meanInterval(ask.calls, ask.z);
  }
  return evidence;
}

}  // namespace

std::optional<double> observedIn(const Cell& cell, const Threshold& threshold) {
  return std::visit(Overloaded{[](std::monostate) { return std::optional<double>(); },
                               [](Proportion rate) {
                                 return rate.trials > 0 ? std::optional(rate.rate()) : std::nullopt;
                               },
                               [&](Count count) {
                                 return cell.started > 0 ? std::optional<double>(count.times)
                                                         : std::nullopt;
                               },
                               [&](const WaitingTimes* times) {
                                 return observe(times->curve, times->horizon_ms, threshold);
                               },
                               [&](const Sample* sample) { return observe(*sample, threshold); },
                               [&](const Sample& sample) { return observe(sample, threshold); }},
                    pickOf(threshold.measure).from(cell, threshold));
}

Evidence evidenceIn(const Cell& cell, const Threshold& threshold, double deviations) {
  const Question ask{threshold, static_cast<std::size_t>(cell.started), deviations};
  // Turnout's own lateness is of the very calls that were made, and so is a count: no estimate.
  if (threshold.measure == Measure::kScheduleLag)
    return {ask.calls, {}, {}};
  return std::visit(Overloaded{[](std::monostate) { return Evidence{}; },
                               [&](Proportion rate) { return evidenceFrom(rate, ask); },
                               [&](Count) {
                                 return Evidence{ask.calls, {}, {}};
                               },
                               [&](const WaitingTimes* times) { return evidenceFrom(*times, ask); },
                               [&](const Sample* sample) { return evidenceFrom(*sample, ask); },
                               [&](const Sample& sample) { return evidenceFrom(sample, ask); }},
                    pickOf(threshold.measure).from(cell, threshold));
}

bool isMeantFor(const Threshold& threshold, const TurnArm& arm) {
  if (threshold.arm != "*")
    return threshold.arm == arm.name;
  return !arm.is_to_fail && pickOf(threshold.measure).applies(arm);
}

std::optional<int> callsToDecideAtBest(const Threshold& threshold) {
  if (threshold.rule == ThresholdRule::kEstimate || isOfEachCall(threshold))
    return std::nullopt;
  const double z = zOfConfidence(0.95);
  const bool wants_more = threshold.comparison == Comparison::kGreater ||
                          threshold.comparison == Comparison::kGreaterOrEqual;
  if (threshold.aggregate == Aggregate::kRate)
    return callsToDecide(wants_more ? 1 : 0, threshold.limit, z);
  if (threshold.aggregate == Aggregate::kPercentile)
    return callsToDecide(wants_more ? 0 : 1, threshold.percentile / 100, z);
  return std::nullopt;
}

std::vector<Undecidable> undecidableIn(const Scenario& scenario) {
  std::vector<Undecidable> undecidable;
  const auto to_fail = std::ranges::count_if(scenario.turn, &TurnArm::is_to_fail);
  const auto all = static_cast<std::ptrdiff_t>(scenario.turn.size());
  const auto pooled = static_cast<int>(to_fail == all ? all : all - to_fail);
  for (const Threshold& threshold : scenario.thresholds) {
    const int calls = scenario.mostCallsPerArm() * static_cast<int>(scenario.pairsOfSites()) *
                      (threshold.arm.empty() ? pooled : 1);
    const auto needed = callsToDecideAtBest(threshold);
    if (needed && *needed > calls)
      undecidable.push_back({threshold, calls, *needed});
  }
  return undecidable;
}

}  // namespace turnout
