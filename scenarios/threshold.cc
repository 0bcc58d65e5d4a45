#include "scenarios/threshold.h"

#include "scenarios/problem.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <iterator>
#include <optional>

namespace turnout {
namespace {

constexpr std::array kMeasureRows{
    MeasureRow{Measure::kSuccessRate, "success_rate", Quantity::kRate, "share"},
    MeasureRow{Measure::kConnectTime, "connect_time", Quantity::kTime, "ms"},
    MeasureRow{Measure::kFirstMediaTime, "first_media_time", Quantity::kTime, "ms"},
    MeasureRow{Measure::kSignalingTime, "signaling_time", Quantity::kTime, "ms"},
    MeasureRow{Measure::kScheduleLag, "schedule_lag", Quantity::kTime, "ms"},
    MeasureRow{Measure::kJoinTime, "join_time", Quantity::kTime, "ms"},
    MeasureRow{Measure::kWaitTime, "wait_time", Quantity::kTime, "ms"},
    MeasureRow{Measure::kMessageRoundTrip, "message_round_trip", Quantity::kTime, "ms"},
    MeasureRow{Measure::kOutageTime, "outage_time", Quantity::kTime, "ms"},
    MeasureRow{Measure::kRecoveryRate, "recovery_rate", Quantity::kRate, "share"},
    MeasureRow{Measure::kSessionErrorRate, "session_error_rate", Quantity::kRate, "share"},
    MeasureRow{Measure::kSessionErrors, "session_errors", Quantity::kCount, "count"},
    MeasureRow{Measure::kAppFaults, "app_faults", Quantity::kCount, "count"},
    MeasureRow{Measure::kTurnErrorRate, "turn_error_rate", Quantity::kRate, "share"},
    MeasureRow{Measure::kRecoveryTime, "recovery_time", Quantity::kTime, "ms"},
    MeasureRow{Measure::kKeptRate, "kept_rate", Quantity::kRate, "share"},
    MeasureRow{Measure::kDropOffRate, "drop_off_rate", Quantity::kRate, "share"},
    MeasureRow{Measure::kLoss, "loss", Quantity::kShare, "share", true},
    MeasureRow{Measure::kJitter, "jitter", Quantity::kTime, "ms", true},
    MeasureRow{Measure::kGap, "gap", Quantity::kTime, "ms", true},
    MeasureRow{Measure::kBitrate, "bitrate", Quantity::kBitrate, "kbit/s", true},
    MeasureRow{Measure::kPredictedRate, "predicted_rate", Quantity::kRate, "share"},
};
static_assert(kMeasureRows.size() == kMeasureCount &&
                  std::ranges::is_sorted(kMeasureRows, {}, &MeasureRow::measure),
              "one row for each measure, in the order of Measure");

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

// Which aggregates a measure takes: a rate, a count, or those of many values.
bool takes(Quantity quantity, Aggregate aggregate) {
  if (quantity == Quantity::kRate || quantity == Quantity::kCount)
    return aggregate == (quantity == Quantity::kRate ? Aggregate::kRate : Aggregate::kCount);
  return aggregate != Aggregate::kRate && aggregate != Aggregate::kCount;
}

const char* aggregatesOf(Quantity quantity) {
  switch (quantity) {
    case Quantity::kRate:
      return "\"rate\"";
    case Quantity::kCount:
      return "\"count\"";
    case Quantity::kTime:
    case Quantity::kShare:
    case Quantity::kBitrate:
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

// "0-1" into from and to.
std::optional<std::pair<int, int>> participants(std::string_view text) {
  const std::size_t dash = text.find('-');
  int from = -1, to = -1;
  const auto read = [](std::string_view digits, int& into) {
    const char* end = digits.data() + digits.size();
    return std::from_chars(digits.data(), end, into).ptr == end && !digits.empty() && into >= 0;
  };
  if (dash == std::string_view::npos || !read(text.substr(0, dash), from) ||
      !read(text.substr(dash + 1), to) || from == to)
    return std::nullopt;
  return std::pair(from, to);
}

// "kind:video" into the threshold. What it is worth is known by now to be of media.
std::optional<Error> readMediaSelector(std::string_view name, std::string_view value,
                                       Threshold& into) {
  if (name == "kind") {
    for (const MediaKind kind : {MediaKind::kAudio, MediaKind::kVideo})
      if (value == toString(kind))
        into.kind = kind;
    return into.kind
               ? std::nullopt
               : std::optional(bad("expected kind:audio or kind:video, got " + quoted(value)));
  }
  into.direction = participants(value);
  return into.direction ? std::nullopt
                        : std::optional(bad("expected direction:FROM-TO, such as direction:0-1 "
                                            "(from bot 0 to bot 1), got " +
                                            quoted(value)));
}

// "{turn:turn-udp,kind:video,direction:0-1}"
std::optional<Error> readSelectors(std::string_view braces, Threshold& into) {
  const bool is_of_media = rowOf(into.measure).is_of_media;
  const auto expected = [&] {
    return bad(std::string("expected {turn:NAME} or {turn:*}") +
               (is_of_media ? ", {kind:audio} or {kind:video}, {direction:FROM-TO}" : "") +
               " after the measure, got " + quoted(braces));
  };
  if (braces.size() < 2 || braces.back() != '}')
    return expected();
  std::string_view rest = braces.substr(1, braces.size() - 2);
  do {
    const std::string_view selector = rest.substr(0, rest.find(','));
    const std::size_t colon = selector.find(':');
    if (colon == std::string_view::npos || colon + 1 == selector.size())
      return expected();
    const std::string_view name = selector.substr(0, colon), value = selector.substr(colon + 1);
    if (name == "turn")
      into.arm = value;
    else if (!is_of_media || (name != "kind" && name != "direction"))
      return expected();
    else if (auto error = readMediaSelector(name, value, into))
      return error;
    rest = selector.size() < rest.size() ? rest.substr(selector.size() + 1) : std::string_view();
  } while (!rest.empty());
  return std::nullopt;
}

// "connect_time{turn:turn-udp}" into measure and selector.
std::optional<Error> readKey(std::string_view key, Threshold& into) {
  const std::size_t brace = key.find('{');
  const std::string_view name = key.substr(0, brace);
  std::vector<std::string> known;
  bool found = false;
  for (const MeasureRow& row : kMeasureRows) {
    known.emplace_back(row.word);
    if (name == row.word) {
      into.measure = row.measure;
      found = true;
    }
  }
  if (!found)
    return bad("unknown measure " + quoted(name) + suggestion(name, known));
  if (brace == std::string_view::npos)
    return std::nullopt;
  return readSelectors(key.substr(brace), into);
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
    case Quantity::kShare:
      if (!limit || *limit > 1)
        return expected(into.measure == Measure::kLoss ? "a share between 0 and 1"
                                                       : "a rate between 0 and 1");
      break;
    case Quantity::kBitrate:
      if (!limit)
        return expected("a number of kbit/s without unit");
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
  if (!takes(quantity, into.aggregate))
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

const MeasureRow& rowOf(Measure measure) {
  return kMeasureRows.at(static_cast<std::size_t>(measure));
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

std::optional<Threshold> keepingImpliedBy(const Threshold& success) {
  if (success.measure != Measure::kSuccessRate ||
      (success.comparison != Comparison::kGreater &&
       success.comparison != Comparison::kGreaterOrEqual))
    return std::nullopt;
  Threshold implied = success;
  implied.measure = Measure::kKeptRate;
  implied.key =
      "kept_rate" + success.key.substr(std::min(success.key.find('{'), success.key.size()));
  implied.is_implied = true;
  return implied;
}

const std::vector<ThresholdSet>& thresholdSets() {
  static const std::vector<ThresholdSet> sets{
      {"alerts",
       "What should wake somebody: many calls fail or are very slow, the server refuses much, TURN "
       "servers fail.",
       {{"success_rate", "rate>=0.8"},
        {"connect_time", "avg<15000"},
        {"session_error_rate", "rate<0.1"},
        {"turn_error_rate", "rate<0.1"},
        {"drop_off_rate", "rate<0.1"},
        {"loss", "avg<0.1"}}},
      {"targets",
       "What is expected of calls that have working TURN servers.",
       {{"success_rate", "rate>=0.9"},
        {"connect_time", "avg<5000"},
        {"session_error_rate", "rate<0.1"},
        {"kept_rate", "rate>=0.9"},
        {"loss", "avg<0.05"}}},
      {"targets-stun",
       "What is expected of calls with STUN only, over the mix of networks that users have.",
       {{"success_rate", "rate>=0.7"},
        {"connect_time", "avg<5000"},
        {"session_error_rate", "rate<0.1"},
        {"kept_rate", "rate>=0.9"},
        {"loss", "avg<0.05"}}},
  };
  return sets;
}

Result<std::vector<Threshold>> thresholdsOfSet(std::string_view name) {
  const std::size_t brace = std::min(name.find('{'), name.size());
  const std::string word(name.substr(0, brace));
  const std::string selector(brace < name.size() ? name.substr(brace) : "{turn:*}");
  const auto& sets = thresholdSets();
  const auto set =
      std::ranges::find_if(sets, [&](const ThresholdSet& known) { return word == known.name; });
  if (set == sets.end()) {
    std::vector<std::string> names;
    for (const ThresholdSet& known : sets)
      names.emplace_back(known.name);
    return Error{ErrorCode::kBadScenario,
                 "no set of thresholds is named \"" + word + "\"" + suggestion(word, names)};
  }
  std::vector<Threshold> thresholds;
  for (const ThresholdSet::Row& row : set->rows) {
    auto threshold = parseThreshold(row.measure + selector, row.expression);
    if (!threshold)
      return threshold.error();
    thresholds.push_back(*std::move(threshold));
  }
  return thresholds;
}

}  // namespace turnout
