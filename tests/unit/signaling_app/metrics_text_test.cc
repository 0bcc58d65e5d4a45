#include "bots/signaling/app/app_stats.h"

#include <gmock/gmock.h>

namespace turnout {
namespace {

using testing::HasSubstr;

std::string metricsOf(const AppStats& stats, const AppCensus& census = {},
                      const PlantedBugs& bugs = {}) {
  PrometheusText text(kSignalingMetrics);
  writeMetrics(text, stats, census, bugs);
  return text.take();
}

TEST(MetricsText, EverySessionErrorHasItsCounterEvenAtZero) {
  AppStats stats;
  stats.of(AppError::kRoomFull) = 3;
  const auto text = metricsOf(stats);
  EXPECT_THAT(text, HasSubstr("# TYPE turnout_signaling_session_errors_total counter\n"));
  EXPECT_THAT(text, HasSubstr("turnout_signaling_session_errors_total{kind=\"room_full\"} 3\n"));
  for (const char* kind : {"session_active", "ghost_session", "double_join", "stale_peer", "busy",
                           "match_timeout", "late_message"})
    EXPECT_THAT(text, HasSubstr("session_errors_total{kind=\"" + std::string(kind) + "\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("turnout_signaling_limits_total{limit=\"rate_limited\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("turnout_signaling_bad_requests_total{error=\"bad_room\"} 0\n"));
}

TEST(MetricsText, QueueWaitsAreACumulativeHistogramInSeconds) {
  AppStats stats;
  stats.matched_waits.add(100ms);
  stats.matched_waits.add(300ms);
  stats.matched_waits.add(2min);
  const auto text = metricsOf(stats);
  EXPECT_THAT(text, HasSubstr("# TYPE turnout_signaling_queue_wait_seconds histogram\n"
                              "turnout_signaling_queue_wait_seconds_bucket{le=\"0.1\"} 1\n"
                              "turnout_signaling_queue_wait_seconds_bucket{le=\"0.25\"} 1\n"
                              "turnout_signaling_queue_wait_seconds_bucket{le=\"0.5\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("turnout_signaling_queue_wait_seconds_bucket{le=\"60\"} 2\n"
                              "turnout_signaling_queue_wait_seconds_bucket{le=\"+Inf\"} 3\n"
                              "turnout_signaling_queue_wait_seconds_sum 120.4\n"
                              "turnout_signaling_queue_wait_seconds_count 3\n"));
}

TEST(MetricsText, GaugesAndPlantedBugsAreVisible) {
  const auto text =
      metricsOf({}, {.sessions = 5, .ringing = 2, .waiting = 1}, {PlantedBug::kNoGrace});
  EXPECT_THAT(text, HasSubstr("\nturnout_signaling_sessions 5\n"));
  EXPECT_THAT(text, HasSubstr("turnout_signaling_calls{phase=\"ringing\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("\nturnout_signaling_queue_length 1\n"));
  EXPECT_THAT(text, HasSubstr("turnout_signaling_planted_bug{bug=\"no-grace\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("turnout_signaling_planted_bug{bug=\"stale-id\"} 0\n"));
}

}  // namespace
}  // namespace turnout
