// The signaling server of turnout: Socket.IO v4 with the application of docs/PROTOCOL.md, rooms,
// calls and random partners at once, for our bots and for any socket.io client. On the same port,
// GET / is a page that lets a browser join (docs/BROWSER.md), and GET /metrics tells its counters
// to Prometheus.
//
// Threads: one loop, given at start; everything happens on it.
#pragma once

#include "bots/signaling/app/signaling_app.h"
#include "bots/signaling/server/engine_server.h"
#include "pipelines/base/http/http_endpoint.h"
#include "pipelines/base/loop.h"
#include "pipelines/base/result.h"
#include "pipelines/base/secret.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace turnout {

struct SignalingServerOptions {
  EngineServer::Options engine{};         // address, port, limits, ping times, who may come in
  SignalingAppOptions app{};              // times, limits and planted bugs of the application
  Secret token{};                         // if any, clients must send it: auth {"token": "..."}
  std::vector<HttpEndpoint> endpoints{};  // beside the page and /metrics
};

class SignalingServer {
 public:
  struct Stats {
    EngineServer::Stats engine;
    AppStats app;
    AppCensus census;                      // now
    std::size_t sessions = 0;              // of Engine.IO, now
    std::uint64_t broken_connections = 0;  // closed for speaking against Socket.IO
    std::uint64_t bad_tokens = 0;
  };

  static Result<std::unique_ptr<SignalingServer>> start(Loop& loop,
                                                        SignalingServerOptions options = {});
  virtual ~SignalingServer() = default;  // drops every connection without a goodbye

  virtual int port() const = 0;
  virtual std::string url() const = 0;  // "http://127.0.0.1:41234"
  virtual Stats stats() const = 0;
};

// The body of GET /metrics.
std::string metricsOf(const SignalingServer::Stats& stats, const PlantedBugs& bugs);

}  // namespace turnout
