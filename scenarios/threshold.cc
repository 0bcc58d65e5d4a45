#include "scenarios/threshold.h"

#include "scenarios/nearest.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <optional>

namespace turnout {
namespace {

constexpr struct {
  const char* name;
  Measure measure;
  Quantity quantity;
} kMeasures[] = {
    {"success_rate", Measure::kSuccessRate, Quantity::kRate},
    {"connect_time", Measure::kConnectTime, Quantity::kTime},
    {"first_media_time", Measure::kFirstMediaTime, Quantity::kTime},
    {"signaling_time", Measure::kSignalingTime, Quantity::kTime},
    {"schedule_lag", Measure::kScheduleLag, Quantity::kTime},
    {"join_time", Measure::kJoinTime, Quantity::kTime},
    {"wait_time", Measure::kWaitTime, Quantity::kTime},
    {"message_round_trip", Measure::kMessageRoundTrip, Quantity::kTime},
    {"outage_time", Measure::kOutageTime, Quantity::kTime},
    {"recovery_rate", Measure::kRecoveryRate, Quantity::kRate},
    {"session_error_rate", Measure::kSessionErrorRate, Quantity::kRate},
    {"session_errors", Measure::kSessionErrors, Quantity::kCount},
    {"app_faults", Measure::kAppFaults, Quantity::kCount},
    {"turn_error_rate", Measure::kTurnErrorRate, Quantity::kRate},
};

constexpr struct {
  const char* name;
  Aggregate aggregate;
  double percentile;
} kAggregates[] = {
    {"rate", Aggregate::kRate, 0},       {"count", Aggregate::kCount, 0},
    {"avg", Aggregate::kMean, 0},        {"mean", Aggregate::kMean, 0},
    {"min", Aggregate::kMin, 0},         {"max", Aggregate::kMax, 0},
    {"med", Aggregate::kPercentile, 50},
};

Quantity quantityOf(Aggregate aggregate) {
  return aggregate == Aggregate::kRate    ? Quantity::kRate
         : aggregate == Aggregate::kCount ? Quantity::kCount
                                          : Quantity::kTime;
}

const char* aggregatesOf(Quantity quantity) {
  switch (quantity) {
    case Quantity::kRate:
      return "\"rate\"";
    case Quantity::kCount:
      return "\"count\"";
    case Quantity::kTime:
      return "avg, min, max, med or p(N)";
  }
  return "";
}

constexpr struct {
  const char* sign;
  Comparison comparison;
} kComparisons[] = {
    {"<", Comparison::kLess},
    {"<=", Comparison::kLessOrEqual},
    {">", Comparison::kGreater},
    {">=", Comparison::kGreaterOrEqual},
};

Error bad(std::string what) {
  return Error{ErrorCode::kBadScenario, std::move(what)};
}

std::string quoted(std::string_view text) {
  return "\"" + std::string(text) + "\"";
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ')
    text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ')
    text.remove_suffix(1);
  return text;
}

// The whole text as a plain decimal number: no sign, no exponent, no unit.
std::optional<double> number(std::string_view text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, std::chars_format::fixed);
  const bool whole = error == std::errc() && stop == end && std::isfinite(value);
  return whole && !std::signbit(value) ? std::optional(value) : std::nullopt;
}

// "connect_time{turn:turn-udp}" into measure and selector.
std::optional<Error> readKey(std::string_view key, Threshold& into) {
  const std::size_t brace = key.find('{');
  const std::string_view name = key.substr(0, brace);
  std::vector<std::string> known;
  bool found = false;
  for (const auto& row : kMeasures) {
    known.emplace_back(row.name);
    if (name == row.name) {
      into.measure = row.measure;
      found = true;
    }
  }
  if (!found)
    return bad("unknown measure " + quoted(name) + suggestion(name, known));
  if (brace == std::string_view::npos)
    return std::nullopt;
  constexpr std::string_view kSelector = "{turn:";
  const std::string_view selector = key.substr(brace);
  if (!selector.starts_with(kSelector) || selector.back() != '}' ||
      selector.size() < kSelector.size() + 2)
    return bad("expected {turn:NAME} or {turn:*} after the measure, got " + quoted(selector));
  into.turn = selector.substr(kSelector.size(), selector.size() - kSelector.size() - 1);
  return std::nullopt;
}

std::optional<Error> readAggregate(std::string_view text, Threshold& into) {
  std::vector<std::string> known;
  for (const auto& row : kAggregates) {
    known.emplace_back(row.name);
    if (text == row.name) {
      into.aggregate = row.aggregate;
      into.percentile = row.percentile;
      return std::nullopt;
    }
  }
  if (text.starts_with("p(") && text.ends_with(')')) {
    const std::optional<double> percentile = number(text.substr(2, text.size() - 3));
    if (!percentile || *percentile <= 0 || *percentile > 100)
      return bad("expected p(N) with N over 0 and up to 100, got " + quoted(text));
    into.aggregate = Aggregate::kPercentile;
    into.percentile = *percentile;
    return std::nullopt;
  }
  known.emplace_back("p(95)");
  return bad("unknown aggregate " + quoted(text) + suggestion(text, known));
}

std::optional<Error> readLimit(std::string_view text, Threshold& into) {
  const std::optional<double> limit = number(text);
  const auto expected = [&](const char* what) {
    return bad(std::string("expected ") + what + ", got " + quoted(text));
  };
  switch (quantityOf(into.measure)) {
    case Quantity::kRate:
      if (!limit || *limit > 1)
        return expected("a rate between 0 and 1");
      break;
    case Quantity::kCount:
      if (!limit || std::trunc(*limit) != *limit)
        return expected("a whole number");
      break;
    case Quantity::kTime:
      if (!limit)
        return expected("a number of milliseconds without unit");
      break;
  }
  into.limit = *limit;
  return std::nullopt;
}

// "p(95)<5000" into aggregate, comparison and limit. The measure is known by now.
std::optional<Error> readExpression(std::string_view text, Threshold& into) {
  const std::size_t at = text.find_first_of("<>=!");
  const std::size_t after = text.find_first_not_of("<>=!", at);
  const std::string_view sign =
      at == std::string_view::npos ? std::string_view() : text.substr(at, after - at);
  const auto* row = std::find_if(std::begin(kComparisons), std::end(kComparisons),
                                 [&](const auto& known) { return sign == known.sign; });
  if (row == std::end(kComparisons))
    return bad("expected AGGREGATE < <= > or >= NUMBER, such as \"p(95)<5000\", got " +
               quoted(text));
  into.comparison = row->comparison;
  const std::string_view aggregate = trimmed(text.substr(0, at));
  if (auto error = readAggregate(aggregate, into))
    return error;
  const Quantity quantity = quantityOf(into.measure);
  if (quantity != quantityOf(into.aggregate))
    return bad(std::string(into.key, 0, into.key.find('{')) + " takes " + aggregatesOf(quantity) +
               ", got " + quoted(aggregate));
  return readLimit(after == std::string_view::npos ? "" : trimmed(text.substr(after)), into);
}

}  // namespace

Result<Threshold> parseThresholdKey(std::string_view key) {
  Threshold threshold;
  threshold.key = key;
  if (auto error = readKey(key, threshold))
    return *error;
  return threshold;
}

Result<Threshold> parseThreshold(std::string_view key, std::string_view expression) {
  auto threshold = parseThresholdKey(key);
  if (!threshold)
    return threshold;
  threshold->expression = expression;
  if (auto error = readExpression(trimmed(expression), *threshold))
    return *error;
  return threshold;
}

Quantity quantityOf(Measure measure) {
  const auto* row = std::find_if(std::begin(kMeasures), std::end(kMeasures),
                                 [&](const auto& known) { return known.measure == measure; });
  TURNOUT_CHECK(row != std::end(kMeasures), "a measure has no name");
  return row->quantity;
}

bool holds(Comparison comparison, double value, double limit) {
  switch (comparison) {
    case Comparison::kLess:
      return value < limit;
    case Comparison::kLessOrEqual:
      return value <= limit;
    case Comparison::kGreater:
      return value > limit;
    case Comparison::kGreaterOrEqual:
      return value >= limit;
  }
  return false;
}

bool isOfEachCall(const Threshold& threshold) {
  switch (threshold.aggregate) {
    case Aggregate::kCount:
    case Aggregate::kMin:
    case Aggregate::kMax:
      return true;
    case Aggregate::kRate:
      return threshold.limit == 0 || threshold.limit == 1;
    case Aggregate::kMean:
    case Aggregate::kPercentile:
      break;
  }
  return threshold.measure == Measure::kScheduleLag;
}

}  // namespace turnout
