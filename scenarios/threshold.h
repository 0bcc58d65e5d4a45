// A k6-like condition on one measure: key "connect_time{turn:turn-udp}", expression "p(95)<5000".
// Without a selector it judges all calls pooled; {turn:NAME} one arm; {turn:*} each arm by itself.
#pragma once

#include "pipelines/base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace turnout {

enum class Measure {
  kSuccessRate,
  kConnectTime,
  kFirstMediaTime,
  kSignalingTime,
  kScheduleLag,
  kJoinTime,
  kWaitTime,
  kMessageRoundTrip,
  kOutageTime,
  kRecoveryRate,
  kSessionErrorRate,
  kSessionErrors,
  kAppFaults,
  kTurnErrorRate,
};
enum class Quantity { kRate, kTime, kCount };
Quantity quantityOf(Measure measure);  // what it is a measure of, and so which aggregates it takes

enum class Aggregate { kRate, kCount, kMean, kMin, kMax, kPercentile };  // median is p(50)
enum class Comparison { kLess, kLessOrEqual, kGreater, kGreaterOrEqual };

// What decides (docs/decisions/007): the whole 95 % interval, so that a threshold may stay open; or
// what was observed, whatever it rests on.
enum class ThresholdRule { kInterval, kEstimate };

struct Threshold {
  Measure measure = Measure::kSuccessRate;
  std::string turn;  // arm name, "*" for each arm, empty for all pooled
  Aggregate aggregate = Aggregate::kRate;
  double percentile = 0;  // kPercentile: 0 < p <= 100
  Comparison comparison = Comparison::kGreaterOrEqual;
  double limit = 0;  // ms for times, 0..1 for rates, a whole number for counts
  ThresholdRule rule = ThresholdRule::kInterval;
  std::string key, expression;  // as written
};

// The measure and selector alone; no aggregate yet.
Result<Threshold> parseThresholdKey(std::string_view key);
// Errors say what was expected and name the nearest known measure or aggregate.
Result<Threshold> parseThreshold(std::string_view key, std::string_view expression);
bool holds(Comparison comparison, double value, double limit);

// Whether it speaks of the very calls that were made, so that nothing is estimated: "every call
// succeeds" (a rate of 1 or 0), a count, min and max, turnout's own lateness.
bool isOfEachCall(const Threshold& threshold);

}  // namespace turnout
