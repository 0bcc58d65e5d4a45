// Engine.IO sessions over HTTP long polling and WebSocket on libsoup: accepts connections, hands
// requests and frames to EngineSessions and carries out what they answer.
//
// Threads: the loop's. Handlers run on it and may call send() and close(), but not destroy the
// server.
#pragma once

#include "bots/signaling/server/admission.h"
#include "bots/signaling/server/engine_session.h"
#include "pipelines/base/http/http_message.h"
#include "pipelines/base/http/http_server.h"
#include "pipelines/base/loop.h"
#include "pipelines/base/result.h"
#include "pipelines/base/secret.h"
#include "pipelines/base/signal.h"

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace turnout {

struct EngineQuery {
  std::string version, transport, sid;  // EIO, transport, sid; empty when not given

  bool operator==(const EngineQuery&) const = default;
};
EngineQuery readEngineQuery(const char* query);  // as in the URL, or null

struct EngineRefusal;

class EngineServer {
 public:
  struct Options {
    std::string address = "127.0.0.1";  // an IP literal; "0.0.0.0" or "::" for every interface
    int port = 0;                       // 0: any free one
    std::string tls_certificate_file{}, tls_key_file{};  // PEM; empty: no TLS
    std::string path = "/socket.io";
    std::size_t max_sessions = 10'000;
    Admission::Options admission{};
    EngineSession::Options session;
    HttpServer::Limits http{};
    // What a session may cost before confirm(): time, and bytes of one message.
    Duration confirm_within = 45s;
    std::size_t unconfirmed_message = 16 * 1024;
    // Bytes that one client may send: so many at once, and a second.
    double burst_bytes = 16e6, bytes_per_s = 2e6;
    std::size_t max_unread = 256 << 20;  // bytes sent to clients that do not read, all together
  };
  struct Page {  // beside Engine.IO, on the same port; any other path is not found
    // Compared whole, as libsoup hands it on: decoded, dots resolved. No file system is behind it.
    std::string path;
    const char* type;  // of its content
    std::function<std::string()> body;
    std::vector<std::pair<const char*, const char*>> headers{};  // beside Content-Type
    Secret token{};  // if any, a request must carry it: "Authorization: Bearer <token>"
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
    std::uint64_t foreign_hosts = 0, unconfirmed = 0, barred = 0;  // of these, too
    std::uint64_t too_large = 0;  // posts and messages over max_payload, or before confirm()
    std::uint64_t floods = 0;     // sessions closed for their bytes or control frames
    std::uint64_t unread = 0;     // sessions closed because others need the memory
    HttpServer::Stats http{};
  };

  static Result<std::unique_ptr<EngineServer>> start(Loop& loop, Options options,
                                                     Handlers handlers);
  ~EngineServer();  // drops every connection; no handler is called
  EngineServer(const EngineServer&) = delete;
  EngineServer& operator=(const EngineServer&) = delete;

  void send(const std::string& sid, EnginePacket message);  // unknown sid: dropped
  void close(const std::string& sid, const std::string& why);
  void confirm(const std::string& sid);  // it may be here; until then it gets next to nothing
  std::string addressOf(const std::string& sid) const;  // empty: unknown
  void bar(const std::string& address, Duration lasting) {
    admission_.bar(address, now() + lasting);
  }
  int port() const { return http_.port(); }
  std::string url() const { return http_.url(); }
  std::size_t sessionCount() const { return connections_.size(); }
  Stats stats() const;

 private:
  using Socket = SoupWebsocketConnection;
  using Actions = EngineSession::Actions;
  struct Connection {
    Connection(EngineSession s, std::string a) : session(std::move(s)), address(std::move(a)) {}
    EngineSession session;
    std::string address;                 // of the client, as it came
    Instant due = Instant::max();        // its place in deadlines_
    std::optional<Instant> confirm_due;  // absent: confirmed
    double bytes_left = 0;               // that it may send now
    Instant bytes_at{};                  // when that was true
    std::size_t unread = 0;              // its part of unread_
    std::unique_ptr<HeldPoll> poll;
    Ref<Socket> socket;
    SignalConnection on_frame, on_error, on_socket_closed;
  };

  EngineServer(Loop& loop, Options options, Handlers handlers);
  Result<Done> listen();

  std::size_t longestBody(SoupServerMessage* message);
  bool isForMe(SoupServerMessage* message);
  void allowOrigin(SoupServerMessage* message) const;
  bool spend(Connection& connection, std::size_t bytes);
  void countUnread(Connection& connection);
  void onRequest(SoupServerMessage* message);
  void onPollingRequest(SoupServerMessage* message, const EngineQuery& query);
  void onPost(SoupServerMessage* message, Connection& connection);
  void holdPoll(SoupServerMessage* message, Connection& connection);
  void onWebSocket(SoupServerMessage* message, Ref<Socket> socket);
  void attachWebSocket(Connection& connection, const Ref<Socket>& socket);
  void refuse(SoupServerMessage* message, const EngineRefusal& refusal);
  void onPageRequest(SoupServerMessage* message);
  static void answerFrom(const HttpEndpoint& endpoint, SoupServerMessage* message);

  const EngineRefusal* reasonToRefuse(SoupServerMessage* message);
  Connection& open(EngineSession::Transport transport, SoupServerMessage* message);
  Connection* find(const std::string& sid);
  void carryOut(std::string sid, Actions actions);
  void carryOut(Connection& connection, EngineSession::AnswerPoll& action);
  void carryOut(Connection& connection, EngineSession::SendFrame& action);
  void carryOut(Connection& connection, EngineSession::Deliver& action);
  void carryOut(Connection& connection, EngineSession::DropWebSocket& action);
  void carryOut(Connection& connection, EngineSession::Closed& action);
  void closeSocket(Ref<Socket> socket);  // with a close frame; it is kept until that is through
  void schedule(Connection& connection);
  void onDeadlines();

  Loop& loop_;
  Options options_;
  const Handlers handlers_;
  Admission admission_;
  Stats stats_;
  std::size_t unread_ = 0;  // of all connections
  HttpServer http_;
  std::unordered_map<std::string, Connection> connections_;  // by session id
  // One timer for all: a main loop looks at every source in every turn.
  std::set<std::pair<Instant, std::string>> deadlines_;
  Timer next_deadline_;
  // Sockets with a close frame on the way; libsoup ends that within 5 s.
  struct Closing {
    Ref<Socket> socket;
    SignalConnection on_closed;
  };
  std::list<Closing> closing_;
};

// Sockets that fit into so many descriptors, with what a server opens for itself. Pure.
std::size_t socketsWithin(std::size_t files);

}  // namespace turnout
