// Engine.IO sessions over HTTP long polling and WebSocket on libsoup: accepts connections, hands
// requests and frames to EngineSessions and carries out what they answer.
//
// Threads: the loop's. Handlers run on it and may call send() and close(), but not destroy the
// server.
#pragma once

#include "bots/signaling/server/doorkeeper.h"
#include "bots/signaling/server/engine_session.h"
#include "pipelines/base/http/http_endpoint.h"
#include "pipelines/base/loop.h"
#include "pipelines/base/result.h"
#include "pipelines/base/secret.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace turnout {

class EngineServer {
 public:
  struct Options {
    std::string address = "127.0.0.1";  // an IP literal; "0.0.0.0" or "::" for every interface
    int port = 0;                       // 0: any free one
    std::string path = "/socket.io";
    std::size_t max_sessions = 10'000;
    Doorkeeper::Options door{};
    EngineSession::Options session;
  };
  struct Page {  // beside Engine.IO, on the same port; any other path is not found
    // Compared whole, as libsoup hands it on: decoded, dots resolved. No file system is behind it.
    std::string path;
    const char* type;  // of its content
    std::function<std::string()> body;
    std::vector<std::pair<const char*, const char*>> headers{};  // beside Content-Type
    Secret token{};  // if any, who asks must send it: "Authorization: Bearer <token>"
  };
  struct Handlers {
    std::function<void(const std::string& sid)> on_open;
    std::function<void(const std::string& sid, const EnginePacket& message)> on_message;
    std::function<void(const std::string& sid, const std::string& why)> on_close;  // last
    std::vector<Page> pages{};
    std::vector<HttpEndpoint> endpoints{};
  };
  struct Stats {
    std::uint64_t opened = 0, closed = 0;  // sessions
    std::uint64_t messages_in = 0, messages_out = 0;
    std::uint64_t bad_requests = 0;  // answered 4xx or 5xx
    std::uint64_t foreign_origins = 0, crowded_addresses = 0, turned_away_full = 0;  // of these
    std::uint64_t too_large = 0;      // posts and frames over max_payload
    std::uint64_t accept_pauses = 0;  // times the system had no descriptor left for a connection
  };

  static Result<std::unique_ptr<EngineServer>> start(Loop& loop, Options options,
                                                     Handlers handlers);
  virtual ~EngineServer() = default;  // drops every connection; no handler is called

  virtual void send(const std::string& sid, EnginePacket message) = 0;  // unknown sid: dropped
  virtual void close(const std::string& sid, const std::string& why) = 0;
  virtual int port() const = 0;
  virtual std::size_t sessionCount() const = 0;
  virtual Stats stats() const = 0;
};

}  // namespace turnout
