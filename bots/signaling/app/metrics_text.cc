#include "bots/signaling/app/metrics_text.h"

#include <cstdio>

namespace turnout {
namespace {

using Type = MetricsText::Type;

const char* toString(Type type) {
  switch (type) {
    case Type::kCounter:
      return "counter";
    case Type::kGauge:
      return "gauge";
    case Type::kHistogram:
      return "histogram";
  }
  return "";
}

std::string secondsText(Duration duration) {
  char text[32];
  std::snprintf(text, sizeof text, "%.9g", std::chrono::duration<double>(duration).count());
  return text;
}

void writeSessions(MetricsText& out, const AppStats& stats, const AppCensus& census) {
  out.family("connections_total", Type::kCounter, "Socket.IO connections made.")
      .sample(stats.connections);
  out.family("connections_gone_total", Type::kCounter, "Connections that ended, by how.")
      .sample("how", "left", stats.left)
      .sample("how", "closed", stats.closed)
      .sample("how", "lost", stats.lost);
  out.family("connections", Type::kGauge, "Connections now.").sample(census.connections);
  out.family("sessions", Type::kGauge, "Sessions now, held ones included.").sample(census.sessions);
  out.family("sessions_named", Type::kGauge, "Sessions with a registered user.")
      .sample(census.named);
  out.family("sessions_held", Type::kGauge, "Sessions in their grace period.").sample(census.held);
  out.family("registrations_total", Type::kCounter, "Users who registered a name.")
      .sample(stats.registrations);
  out.family("resumptions_total", Type::kCounter, "Sessions taken up again.")
      .sample(stats.resumptions);
  out.family("replaced_total", Type::kCounter, "Connections replaced by a newer one of their user.")
      .sample(stats.replaced);
  out.family("graces_expired_total", Type::kCounter, "Sessions whose user did not come back.")
      .sample(stats.graces_expired);
  out.family("cleanups_total", Type::kCounter,
             "Users cleaned out of something because they looked for a partner.")
      .sample(stats.cleanups);
}

void writeCalls(MetricsText& out, const AppStats& stats, const AppCensus& census) {
  out.family("joins_total", Type::kCounter, "Rooms joined.").sample(stats.joins);
  out.family("rooms", Type::kGauge, "Rooms now.").sample(census.rooms);
  out.family("room_members", Type::kGauge, "Members of all rooms now.").sample(census.members);
  out.family("calls_total", Type::kCounter, "Calls placed.").sample(stats.calls);
  out.family("answers_total", Type::kCounter, "Calls answered.").sample(stats.answers);
  out.family("calls", Type::kGauge, "Calls now, by phase.")
      .sample("phase", "ringing", census.ringing)
      .sample("phase", "active", census.active);
  out.family("matches_total", Type::kCounter, "Pairs made.").sample(stats.matches);
  out.family("matches", Type::kGauge, "Pairs now.").sample(census.matches);
  out.family("queue_length", Type::kGauge, "Users who look for a partner now.")
      .sample(census.waiting);
  out.family("ended_total", Type::kCounter, "Calls and matches that ended, by reason.");
  for (std::size_t i = 0; i < kEndReasonCount; ++i)
    out.sample("reason", toString(static_cast<EndReason>(i)), stats.ended[i]);
  out.family("queue_wait_seconds", Type::kHistogram, "Wait in the queue of those matched.")
      .histogram(stats.matched_waits);
  out.family("queue_abandoned_wait_seconds", Type::kHistogram,
             "Wait in the queue of those who were not.")
      .histogram(stats.abandoned_waits);
}

void writeErrors(MetricsText& out, const AppStats& stats) {
  const auto group = [&](std::string_view label, auto belongs) {
    for (std::size_t i = 0; i < kAppErrorCount; ++i)
      if (const auto error = static_cast<AppError>(i); belongs(error))
        out.sample(label, toString(error), stats.errors[i]);
  };
  out.family("session_errors_total", Type::kCounter, "Session errors, by kind.");
  group("kind", isSessionError);
  out.family("bad_requests_total", Type::kCounter, "Requests that make no sense, by error.");
  group("error", [](AppError error) { return !isSessionError(error) && !isLimit(error); });
  out.family("limits_total", Type::kCounter, "Messages refused by a limit.");
  group("limit", isLimit);
  out.family("floods_total", Type::kCounter, "Connections closed for their message rate.")
      .sample(stats.floods);
}

}  // namespace

MetricsText& MetricsText::family(std::string_view name, Type type, std::string_view help) {
  family_ = "turnout_signaling_" + std::string(name);
  out_ += "# HELP " + family_ + " " + std::string(help) + "\n";
  out_ += "# TYPE " + family_ + " " + toString(type) + "\n";
  return *this;
}

MetricsText& MetricsText::sample(std::string_view label, std::string_view label_value,
                                 std::uint64_t value) {
  std::string labels;
  if (!label.empty())
    labels = "{" + std::string(label) + "=\"" + std::string(label_value) + "\"}";
  line("", labels, std::to_string(value));
  return *this;
}

MetricsText& MetricsText::histogram(const WaitHistogram& waits) {
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < waits.counts.size(); ++i) {
    below += waits.counts[i];
    const std::string bound =
        i < WaitHistogram::kBounds.size() ? secondsText(WaitHistogram::kBounds[i]) : "+Inf";
    line("_bucket", "{le=\"" + bound + "\"}", std::to_string(below));
  }
  line("_sum", "", secondsText(waits.sum));
  line("_count", "", std::to_string(below));
  return *this;
}

void MetricsText::line(std::string_view suffix, std::string_view labels, const std::string& value) {
  out_ += family_ + std::string(suffix) + std::string(labels) + " " + value + "\n";
}

void writeMetrics(MetricsText& out, const AppStats& stats, const AppCensus& census,
                  const PlantedBugs& bugs) {
  out.family("events_total", MetricsText::Type::kCounter, "Events that clients sent.")
      .sample(stats.events);
  out.family("signals_total", MetricsText::Type::kCounter, "Signals handed on.")
      .sample(stats.signals);
  out.family("undelivered_total", MetricsText::Type::kCounter, "Events for nobody there.")
      .sample(stats.undelivered);
  writeSessions(out, stats, census);
  writeCalls(out, stats, census);
  writeErrors(out, stats);
  out.family("planted_bug", MetricsText::Type::kGauge, "1 for each mistake made on purpose.");
  for (const PlantedBug bug : kPlantedBugs)
    out.sample("bug", turnout::toString(bug), bugs.contains(bug) ? 1 : 0);
}

}  // namespace turnout
