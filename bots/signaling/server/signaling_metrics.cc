#include "bots/signaling/app/app_stats.h"
#include "bots/signaling/server/signaling_server.h"

namespace turnout {

std::string metricsOf(const SignalingServer::Stats& stats, const PlantedBugs& bugs) {
  using Type = PrometheusText::Type;
  const auto real = [](std::uint64_t count) { return static_cast<double>(count); };
  PrometheusText out(kSignalingMetrics);
  out.family("engine_sessions_total", Type::kCounter, "Engine.IO sessions opened.")
      .sample(real(stats.engine.opened));
  out.family("engine_sessions", Type::kGauge, "Engine.IO sessions now.")
      .sample(real(stats.sessions));
  out.family("messages_total", Type::kCounter, "Engine.IO messages.")
      .sample({{"direction", "in"}}, real(stats.engine.messages_in))
      .sample({{"direction", "out"}}, real(stats.engine.messages_out));
  out.family("bad_http_requests_total", Type::kCounter, "Requests answered 4xx or 5xx.")
      .sample(real(stats.engine.bad_requests));
  out.family("turned_away_total", Type::kCounter, "Clients not let in, by reason.")
      .sample({{"reason", "full"}}, real(stats.engine.turned_away_full))
      .sample({{"reason", "foreign_origin"}}, real(stats.engine.foreign_origins))
      .sample({{"reason", "crowded_address"}}, real(stats.engine.crowded_addresses))
      .sample({{"reason", "foreign_host"}}, real(stats.engine.foreign_hosts))
      .sample({{"reason", "unconfirmed"}}, real(stats.engine.unconfirmed))
      .sample({{"reason", "barred"}}, real(stats.engine.barred))
      .sample({{"reason", "too_much_at_once"}}, real(stats.engine.http.bodies_refused))
      .sample({{"reason", "bad_token"}}, real(stats.bad_tokens));
  out.family("cut_off_total", Type::kCounter, "Connections closed for what they cost, by reason.")
      .sample({{"reason", "flood"}}, real(stats.engine.floods))
      .sample({{"reason", "unread"}}, real(stats.engine.unread))
      .sample({{"reason", "slow_request"}}, real(stats.engine.http.slow_requests));
  out.family("oversized_total", Type::kCounter, "Posts and frames over the limit of one message.")
      .sample(real(stats.engine.too_large));
  out.family("accept_pauses_total", Type::kCounter,
             "Times the system had no descriptor left for a connection.")
      .sample(real(stats.engine.http.accept_pauses));
  out.family("broken_connections_total", Type::kCounter,
             "Connections closed for speaking against Socket.IO.")
      .sample(real(stats.broken_connections));
  writeMetrics(out, stats.app, stats.census, bugs);
  return out.take();
}

}  // namespace turnout
