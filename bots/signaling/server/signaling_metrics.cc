#include "bots/signaling/app/metrics_text.h"
#include "bots/signaling/server/signaling_server.h"

namespace turnout {

std::string metricsOf(const SignalingServer::Stats& stats, const PlantedBugs& bugs) {
  using Type = MetricsText::Type;
  MetricsText out;
  out.family("engine_sessions_total", Type::kCounter, "Engine.IO sessions opened.")
      .sample(stats.engine.opened);
  out.family("engine_sessions", Type::kGauge, "Engine.IO sessions now.").sample(stats.sessions);
  out.family("messages_total", Type::kCounter, "Engine.IO messages.")
      .sample("direction", "in", stats.engine.messages_in)
      .sample("direction", "out", stats.engine.messages_out);
  out.family("bad_http_requests_total", Type::kCounter, "Requests answered 4xx or 5xx.")
      .sample(stats.engine.bad_requests);
  out.family("turned_away_total", Type::kCounter, "Clients not let in, by reason.")
      .sample("reason", "full", stats.engine.turned_away_full)
      .sample("reason", "foreign_origin", stats.engine.foreign_origins)
      .sample("reason", "crowded_address", stats.engine.crowded_addresses)
      .sample("reason", "bad_token", stats.bad_tokens);
  out.family("oversized_total", Type::kCounter, "Posts and frames over the limit of one message.")
      .sample(stats.engine.too_large);
  out.family("accept_pauses_total", Type::kCounter,
             "Times the system had no descriptor left for a connection.")
      .sample(stats.engine.accept_pauses);
  out.family("broken_connections_total", Type::kCounter,
             "Connections closed for speaking against Socket.IO.")
      .sample(stats.broken_connections);
  writeMetrics(out, stats.app, stats.census, bugs);
  return out.take();
}

}  // namespace turnout
