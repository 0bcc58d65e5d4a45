// A k6-like condition on one measure: key "connect_time{turn:turn-udp}", expression "p(95)<5000".
// Without a selector it judges all calls pooled; {turn:NAME} one arm; {turn:*} each arm by itself.
// Measures of media take {kind:video} and {direction:0-1} (from bot 0 to bot 1) as well.
#pragma once

#include "pipelines/base/result.h"
#include "pipelines/media/media_profile.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
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
  kRecoveryTime,
  kKeptRate,
  kDropOffRate,
  kLoss,
  kJitter,
  kGap,
  kBitrate,
  kPredictedRate,
};
inline constexpr std::size_t kMeasureCount = static_cast<std::size_t>(Measure::kPredictedRate) + 1;
enum class Quantity {
  kRate,     // how many of how many
  kTime,     // ms
  kCount,    // how often
  kShare,    // 0..1, one value for each call
  kBitrate,  // kbit/s
};
struct MeasureRow {
  Measure measure;
  const char* word;          // in scenarios
  Quantity quantity;         // what it is a measure of, and so which aggregates it takes
  const char* unit;          // of observed values, in files
  bool is_of_media = false;  // takes the selectors kind and direction
};
const MeasureRow& rowOf(Measure measure);
inline Quantity quantityOf(Measure measure) {
  return rowOf(measure).quantity;
}

enum class Aggregate { kRate, kCount, kMean, kMin, kMax, kPercentile };  // median is p(50)
enum class Comparison { kLess, kLessOrEqual, kGreater, kGreaterOrEqual };

// What decides (docs/decisions/007): the whole 95 % interval, so that a threshold may stay open; or
// what was observed, whatever it rests on.
enum class ThresholdRule { kInterval, kEstimate };

struct Threshold {
  Measure measure = Measure::kSuccessRate;
  std::string arm;  // its name, "*" for each arm, empty for all pooled
  // Of measures of media: only this kind; only from one participant to another. Absent: all, each
  // value still of one kind and direction.
  std::optional<MediaKind> kind = std::nullopt;
  std::optional<std::pair<int, int>> direction = std::nullopt;
  Aggregate aggregate = Aggregate::kRate;
  double percentile = 0;  // kPercentile: 0 < p <= 100
  Comparison comparison = Comparison::kGreaterOrEqual;
  double limit = 0;  // as the unit of the measure; rates and shares are 0..1
  ThresholdRule rule = ThresholdRule::kInterval;
  std::string key, expression;  // as written
  bool is_implied = false;      // the scenario does not name it
};

// The measure and selector alone; no aggregate yet.
Result<Threshold> parseThresholdKey(std::string_view key);
// Errors say what was expected and name the nearest known measure or aggregate.
Result<Threshold> parseThreshold(std::string_view key, std::string_view expression);
bool holds(Comparison comparison, double value, double limit);

// Whether it speaks of the very calls that were made, so that nothing is estimated: "every call
// succeeds" (a rate of 1 or 0), a count, min and max, turnout's own lateness.
bool isOfEachCall(const Threshold& threshold);

// "success_rate rate>=0.9" asks by implication that as many of the calls that connect keep their media:
// "kept_rate rate>=0.9", of the same arms. Nothing for any other threshold.
std::optional<Threshold> keepingImpliedBy(const Threshold& success);

// Named sets of thresholds, for "thresholds": ["alerts"]: what production systems raise the alarm
// on, and what people say they expect.
struct ThresholdSet {
  struct Row {
    const char *measure, *expression;
  };
  const char* name;
  const char* meaning;  // a sentence
  std::vector<Row> rows;
};

const std::vector<ThresholdSet>& thresholdSets();

// "targets" (each arm by itself) or "targets{turn:NAME}". The error names the nearest set.
Result<std::vector<Threshold>> thresholdsOfSet(std::string_view name);

}  // namespace turnout
