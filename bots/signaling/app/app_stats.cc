#include "bots/signaling/app/app_stats.h"

#include <array>
#include <chrono>

namespace turnout {
namespace {

using Type = PrometheusText::Type;

double seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

double real(std::uint64_t count) {
  return static_cast<double>(count);
}

void writeWaits(PrometheusText& out, const WaitHistogram& waits) {
  std::array<double, WaitHistogram::kBounds.size()> bounds{};
  std::array<std::uint64_t, WaitHistogram::kBounds.size()> up_to{};
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < bounds.size(); i++) {
    bounds[i] = seconds(WaitHistogram::kBounds[i]);
    up_to[i] = below += waits.counts[i];
  }
  out.sample({},
             PrometheusHistogram{bounds, up_to, below + waits.counts.back(), seconds(waits.sum)});
}

void writeSessions(PrometheusText& out, const AppStats& stats, const AppCensus& census) {
  out.family("connections_total", Type::kCounter, "Socket.IO connections made.")
      .sample(real(stats.connections));
  out.family("connections_gone_total", Type::kCounter, "Connections that ended, by how.")
      .sample({{"how", "left"}}, real(stats.left))
      .sample({{"how", "closed"}}, real(stats.closed))
      .sample({{"how", "lost"}}, real(stats.lost));
  out.family("connections", Type::kGauge, "Connections now.").sample(real(census.connections));
  out.family("sessions", Type::kGauge, "Sessions now, held ones included.")
      .sample(real(census.sessions));
  out.family("sessions_named", Type::kGauge, "Sessions with a registered user.")
      .sample(real(census.named));
  out.family("sessions_held", Type::kGauge, "Sessions in their grace period.")
      .sample(real(census.held));
  out.family("registrations_total", Type::kCounter, "Users who registered a name.")
      .sample(real(stats.registrations));
  out.family("resumptions_total", Type::kCounter, "Sessions taken up again.")
      .sample(real(stats.resumptions));
  out.family("replaced_total", Type::kCounter, "Connections replaced by a newer one of their user.")
      .sample(real(stats.replaced));
  out.family("graces_expired_total", Type::kCounter, "Sessions whose user did not come back.")
      .sample(real(stats.graces_expired));
  out.family("cleanups_total", Type::kCounter,
             "Users cleaned out of something because they looked for a partner.")
      .sample(real(stats.cleanups));
}

void writeCalls(PrometheusText& out, const AppStats& stats, const AppCensus& census) {
  out.family("joins_total", Type::kCounter, "Rooms joined.").sample(real(stats.joins));
  out.family("rooms", Type::kGauge, "Rooms now.").sample(real(census.rooms));
  out.family("room_members", Type::kGauge, "Members of all rooms now.")
      .sample(real(census.members));
  out.family("calls_total", Type::kCounter, "Calls placed.").sample(real(stats.calls));
  out.family("answers_total", Type::kCounter, "Calls answered.").sample(real(stats.answers));
  out.family("calls", Type::kGauge, "Calls now, by phase.")
      .sample({{"phase", "ringing"}}, real(census.ringing))
      .sample({{"phase", "active"}}, real(census.active));
  out.family("matches_total", Type::kCounter, "Pairs made.").sample(real(stats.matches));
  out.family("matches", Type::kGauge, "Pairs now.").sample(real(census.matches));
  out.family("queue_length", Type::kGauge, "Users who look for a partner now.")
      .sample(real(census.waiting));
  out.family("ended_total", Type::kCounter, "Calls and matches that ended, by reason.");
  for (std::size_t i = 0; i < kEndReasonCount; ++i)
    out.sample({{"reason", toString(static_cast<EndReason>(i))}}, real(stats.ended[i]));
  out.family("queue_wait_seconds", Type::kHistogram, "Wait in the queue of those matched.");
  writeWaits(out, stats.matched_waits);
  out.family("queue_abandoned_wait_seconds", Type::kHistogram,
             "Wait in the queue of those who were not.");
  writeWaits(out, stats.abandoned_waits);
}

void writeErrors(PrometheusText& out, const AppStats& stats) {
  const auto group = [&](std::string_view label, auto belongs) {
    for (std::size_t i = 0; i < kAppErrorCount; ++i)
      if (const auto error = static_cast<AppError>(i); belongs(error))
        out.sample({{label, toString(error)}}, real(stats.errors[i]));
  };
  out.family("session_errors_total", Type::kCounter, "Session errors, by kind.");
  group("kind", isSessionError);
  out.family("bad_requests_total", Type::kCounter, "Requests that make no sense, by error.");
  group("error", [](AppError error) { return !isSessionError(error) && !isLimit(error); });
  out.family("limits_total", Type::kCounter, "Messages refused by a limit.");
  group("limit", isLimit);
  out.family("floods_total", Type::kCounter, "Connections closed for their message rate.")
      .sample(real(stats.floods));
}

}  // namespace

void writeMetrics(PrometheusText& out, const AppStats& stats, const AppCensus& census,
                  const PlantedBugs& bugs) {
  out.family("events_total", PrometheusText::Type::kCounter, "Events that clients sent.")
      .sample(real(stats.events));
  out.family("signals_total", PrometheusText::Type::kCounter, "Signals handed on.")
      .sample(real(stats.signals));
  out.family("undelivered_total", PrometheusText::Type::kCounter, "Events for nobody there.")
      .sample(real(stats.undelivered));
  writeSessions(out, stats, census);
  writeCalls(out, stats, census);
  writeErrors(out, stats);
  out.family("planted_bug", PrometheusText::Type::kGauge, "1 for each mistake made on purpose.");
  for (const PlantedBug bug : kPlantedBugs)
    out.sample({{"bug", toString(bug)}}, bugs.contains(bug) ? 1 : 0);
}

}  // namespace turnout
