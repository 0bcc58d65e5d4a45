#include "scenarios/threshold.h"

#include <gtest/gtest.h>

namespace turnout {
namespace {

std::string errorOf(const char* key, const char* expression) {
  const auto parsed = parseThreshold(key, expression);
  return parsed ? "" : parsed.error().what;
}

TEST(Threshold, ReadsMeasureSelectorAggregateAndLimit) {
  const auto threshold = parseThreshold("connect_time{turn:turn-udp}", "p(95)<5000");
  ASSERT_TRUE(threshold);
  EXPECT_EQ(threshold->measure, Measure::kConnectTime);
  EXPECT_EQ(threshold->arm, "turn-udp");
  EXPECT_EQ(threshold->aggregate, Aggregate::kPercentile);
  EXPECT_EQ(threshold->percentile, 95);
  EXPECT_EQ(threshold->comparison, Comparison::kLess);
  EXPECT_EQ(threshold->limit, 5000);
  EXPECT_EQ(threshold->key, "connect_time{turn:turn-udp}");
  EXPECT_EQ(threshold->expression, "p(95)<5000");
}

TEST(Threshold, ReadsEveryMeasure) {
  EXPECT_EQ(parseThreshold("success_rate", "rate>=0.95")->measure, Measure::kSuccessRate);
  EXPECT_EQ(parseThreshold("first_media_time", "avg<1")->measure, Measure::kFirstMediaTime);
  EXPECT_EQ(parseThreshold("signaling_time", "avg<1")->measure, Measure::kSignalingTime);
  EXPECT_EQ(parseThreshold("schedule_lag", "avg<1")->measure, Measure::kScheduleLag);
  EXPECT_EQ(parseThreshold("join_time", "avg<1")->measure, Measure::kJoinTime);
  EXPECT_EQ(parseThreshold("wait_time", "avg<1")->measure, Measure::kWaitTime);
  EXPECT_EQ(parseThreshold("message_round_trip", "avg<1")->measure, Measure::kMessageRoundTrip);
  EXPECT_EQ(parseThreshold("outage_time", "avg<1")->measure, Measure::kOutageTime);
  EXPECT_EQ(parseThreshold("recovery_rate", "rate>0")->measure, Measure::kRecoveryRate);
  EXPECT_EQ(parseThreshold("session_error_rate", "rate<=0")->measure, Measure::kSessionErrorRate);
  EXPECT_EQ(parseThreshold("session_errors", "count<=9")->measure, Measure::kSessionErrors);
  EXPECT_EQ(parseThreshold("app_faults", "count<1")->measure, Measure::kAppFaults);
}

TEST(Threshold, ReadsEveryAggregate) {
  const auto aggregate = [](const char* expression) {
    return parseThreshold("connect_time", expression)->aggregate;
  };
  EXPECT_EQ(aggregate("avg<1"), Aggregate::kMean);
  EXPECT_EQ(aggregate("mean<1"), Aggregate::kMean);
  EXPECT_EQ(aggregate("min<1"), Aggregate::kMin);
  EXPECT_EQ(aggregate("max<1"), Aggregate::kMax);
  EXPECT_EQ(parseThreshold("success_rate", "rate>0")->aggregate, Aggregate::kRate);
  EXPECT_EQ(parseThreshold("app_faults", "count<1")->aggregate, Aggregate::kCount);
  EXPECT_EQ(parseThreshold("connect_time", "p(99.9)<1")->percentile, 99.9);
}

TEST(Threshold, TheMedianIsTheFiftiethPercentile) {
  const auto threshold = parseThreshold("connect_time", "med<800");
  EXPECT_EQ(threshold->aggregate, Aggregate::kPercentile);
  EXPECT_EQ(threshold->percentile, 50);
}

TEST(Threshold, ReadsEveryComparisonWithOrWithoutSpaces) {
  EXPECT_EQ(parseThreshold("connect_time", " max < 1 ")->comparison, Comparison::kLess);
  EXPECT_EQ(parseThreshold("connect_time", "max<=1")->comparison, Comparison::kLessOrEqual);
  EXPECT_EQ(parseThreshold("connect_time", "max > 1")->comparison, Comparison::kGreater);
  EXPECT_EQ(parseThreshold("connect_time", "max>=1")->comparison, Comparison::kGreaterOrEqual);
}

TEST(Threshold, TheSelectorIsOneArmOrEachArmOrAllPooled) {
  EXPECT_EQ(parseThresholdKey("connect_time{turn:a}")->arm, "a");
  EXPECT_EQ(parseThresholdKey("connect_time{turn:*}")->arm, "*");
  EXPECT_EQ(parseThresholdKey("connect_time")->arm, "");
}

TEST(Threshold, ErrorsNameWhatWasExpectedAndTheNearestWord) {
  EXPECT_EQ(errorOf("conect_time", "max<1"),
            "unknown measure \"conect_time\" (did you mean \"connect_time\"?)");
  EXPECT_EQ(errorOf("connect_time{arm:x}", "max<1"),
            "expected {turn:NAME} or {turn:*} after the measure, got \"{arm:x}\"");
  EXPECT_EQ(errorOf("connect_time", "p95<1"),
            "unknown aggregate \"p95\" (did you mean \"p(95)\"?)");
  EXPECT_EQ(errorOf("connect_time", "average<1"),
            "unknown aggregate \"average\" (known: rate, count, avg, mean, min, max, med, p(95))");
  EXPECT_EQ(errorOf("connect_time", "p(0)<1"),
            "expected p(N) with N over 0 and up to 100, got \"p(0)\"");
  EXPECT_EQ(errorOf("connect_time", "p(101)<1"),
            "expected p(N) with N over 0 and up to 100, got \"p(101)\"");
  EXPECT_EQ(errorOf("connect_time", "max<5s"),
            "expected a number of milliseconds without unit, got \"5s\"");
  EXPECT_EQ(errorOf("success_rate", "rate>=95"), "expected a rate between 0 and 1, got \"95\"");
  EXPECT_EQ(errorOf("recovery_rate", "rate>=95"), "expected a rate between 0 and 1, got \"95\"");
  EXPECT_EQ(errorOf("app_faults", "count<0.5"), "expected a whole number, got \"0.5\"");
  EXPECT_EQ(errorOf("app_fault", "count<1"),
            "unknown measure \"app_fault\" (did you mean \"app_faults\"?)");
}

TEST(Threshold, RatesAndTimesTakeTheirOwnAggregates) {
  EXPECT_EQ(errorOf("connect_time", "rate>0.5"),
            "connect_time takes avg, min, max, med or p(N), got \"rate\"");
  EXPECT_EQ(errorOf("success_rate", "p(95)<1"), "success_rate takes \"rate\", got \"p(95)\"");
  EXPECT_EQ(errorOf("app_faults{turn:*}", "rate<1"), "app_faults takes \"count\", got \"rate\"");
  EXPECT_EQ(errorOf("session_error_rate", "count<1"),
            "session_error_rate takes \"rate\", got \"count\"");
}

TEST(Threshold, RefusesWhatIsNoComparison) {
  for (const char* expression : {"", "max", "max==1", "max=1", "max<>1", "max<=>1", "max!1"})
    EXPECT_EQ(
        errorOf("connect_time", expression),
        std::string("expected AGGREGATE < <= > or >= NUMBER, such as \"p(95)<5000\", got \"") +
            expression + "\"");
}

TEST(Threshold, RefusesOddNumbers) {
  for (const char* expression : {"max<", "max<-1", "max<-0", "max<1e3", "max<inf", "max<nan",
                                 "max<0x10", "max<1.2.3", "max<1 2", "max<+1"})
    EXPECT_NE(errorOf("connect_time", expression), "") << expression;
}

TEST(Threshold, ComparesAsWritten) {
  EXPECT_FALSE(holds(Comparison::kLess, 5, 5));
  EXPECT_TRUE(holds(Comparison::kLessOrEqual, 5, 5));
  EXPECT_FALSE(holds(Comparison::kGreater, 5, 5));
  EXPECT_TRUE(holds(Comparison::kGreaterOrEqual, 5, 5));
  EXPECT_TRUE(holds(Comparison::kLess, 4, 5));
  EXPECT_TRUE(holds(Comparison::kGreater, 6, 5));
}

}  // namespace
}  // namespace turnout
