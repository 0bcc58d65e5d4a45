// The signaling server of turnout: Socket.IO v4 with the application of docs/PROTOCOL.md, rooms,
// calls and random partners at once, for our bots and for any socket.io client. On the same port,
// GET / is a page that lets a browser join (docs/BROWSER.md), and GET /metrics tells its counters
// to Prometheus.
//
// Threads: one loop, given at start; everything happens on it.
#pragma once

#include "bots/signaling/app/signaling_app.h"
#include "bots/signaling/server/engine_server.h"
#include "bots/signaling/server/socket_session.h"
#include "pipelines/base/http/http_message.h"
#include "pipelines/base/http/rate_limit.h"
#include "pipelines/base/loop.h"
#include "pipelines/base/result.h"
#include "pipelines/base/secret.h"

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
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
  SignalingServer(const SignalingServer&) = delete;  // the end: every connection drops, no goodbye
  SignalingServer& operator=(const SignalingServer&) = delete;

  int port() const { return engine_->port(); }
  std::string url() const { return engine_->url(); }  // "http://127.0.0.1:41234"
  Stats stats() const;

 private:
  static constexpr int kWrongTokensPerMinute = 20;

  SignalingServer(Loop& loop, SignalingServerOptions options)
      : loop_(loop), options_(guarded(std::move(options))), app_(options_.app) {}
  static SignalingServerOptions guarded(SignalingServerOptions options);
  Result<Done> listen();
  void onOpen(const std::string& sid);
  void onMessage(const std::string& sid, const EnginePacket& message);
  void onClose(const std::string& sid, const std::string& why);

  void take(const std::string& sid, const SocketSession::Reply& action, std::size_t size);
  void take(const std::string& sid, const SocketSession::Entered& action, std::size_t size);
  void take(const std::string& sid, const SocketSession::Refused& action, std::size_t size);
  void take(const std::string& sid, const SocketSession::Event& action, std::size_t size);
  void take(const std::string& sid, const SocketSession::Left& action, std::size_t size);
  void take(const std::string& sid, const SocketSession::Broken& action, std::size_t size);

  void depart(const std::string& id, Gone how);
  void carryOut(const SignalingApp::Outcome& outcome);
  void send(const std::string& sid, std::string text);
  void schedule();

  Loop& loop_;
  const SignalingServerOptions options_;
  SignalingApp app_;
  std::uint64_t broken_ = 0, bad_tokens_ = 0;
  RateLimit wrong_tokens_{kWrongTokensPerMinute};               // by address
  std::unordered_map<std::string, SocketSession> sockets_;      // by Engine.IO session id
  std::unordered_map<std::string, std::string> engine_sid_of_;  // by socket id, while inside
  Instant due_ = Instant::max();                                // when timer_ fires
  Timer timer_;
  std::unique_ptr<EngineServer> engine_;
};

// The body of GET /metrics.
std::string metricsOf(const SignalingServer::Stats& stats, const PlantedBugs& bugs);

}  // namespace turnout
