// What every HTTP server of ours is made of: libsoup on one thread with our own listening socket,
// small answers, and a long poll that notices when its client goes.
//
// Threads: the loop's.
#pragma once

#include "pipelines/base/http/soup_call.h"
#include "pipelines/base/http/web_socket.h"
#include "pipelines/base/loop.h"
#include "pipelines/base/loop_group.h"
#include "pipelines/base/result.h"
#include "pipelines/base/signal.h"

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <libsoup/soup.h>

namespace turnout {

// Not soup_server_listen(), which keeps all connections on one loop and has a backlog of 10, which
// makes a crowd wait for TCP to try again, a second. This one takes connections itself and gives
// each to libsoup on the next of many loops.
//
// What a connection may cost before anybody knows who it is has bounds: time to send a request, and
// bytes of bodies, of all connections together.
class HttpServer {
 public:
  using Handler = std::function<void(SoupServerMessage* message)>;
  struct Limits {
    Duration first_request = 15s;      // from the connection on, its body included
    Duration next_request = 60s;       // from the last answer on
    std::size_t bodies = 64ull << 20;  // bytes, as announced, of all that are being read
  };
  struct Stats {
    std::uint64_t accept_pauses = 0;   // no descriptor or memory left; those who knock wait
    std::uint64_t slow_requests = 0;   // connections closed because no request came in time
    std::uint64_t too_large = 0;       // bodies refused with 413
    std::uint64_t bodies_refused = 0;  // 503, because others are being read
  };

  explicit HttpServer(Loop& loop) : HttpServer(loop, Limits{}) {}
  HttpServer(Loop& loop, const Limits& limits);
  ~HttpServer();  // drops every connection; no handler is called
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // For requests to `path` and below it, nullptr: to all that no other handler is for. onHeaders
  // comes before the body is read, and tells how long it may be. Call them before listen().
  void onHeaders(const char* path, std::function<std::size_t(SoupServerMessage* message)> longest);
  void onRequest(const char* path, Handler handler);

  // Called in onRequest: makes the connection of the message a WebSocket, or answers why not. The
  // message is still there when on_open is called.
  void acceptWebSocket(
      SoupServerMessage* message, const FrameMeter::Limits& limits,
      std::function<void(SoupServerMessage*, Ref<SoupWebsocketConnection>)> on_open);

  // TLS from then on, with these PEM files. Call it before listen(). Error (kEnvironment): they cannot be
  // used.
  Result<Done> useCertificate(const std::string& certificate_file, const std::string& key_file);
  // `address`: an IP literal. Error (kUsage): it is none; (kEnvironment): it cannot be had.
  Result<Done> listen(const std::string& address, int port);
  int port() const;
  std::string url() const;  // "http://127.0.0.1:41234", of TLS "https://..."
  bool isLoopback() const { return is_loopback_; }
  const Stats& stats() const { return stats_; }
  Loop& nextLoop() { return loops_.next(); }
  SoupServer* soup() { return soup_.get(); }

 private:
  // A connection from which a request is expected. It is not one of those that wait for us, as
  // long polls and WebSockets do.
  struct Expected {
    Ref<GSocket> socket;
    Instant due;
  };
  struct Upgrade {
    SignalConnection on_switched, on_finished;
  };

  void watch();
  void acceptSome();
  void hand(Ref<GSocket> connection);
  void admitBody(SoupServerMessage* message, std::size_t longest);
  void expectRequest(GSocket* socket, Duration within);
  void stopExpecting(GSocket* socket);
  void forgetBody(SoupServerMessage* message);
  void closeOverdue();

  Loop& loop_;
  const Limits limits_;
  LoopGroup loops_;  // of the connections
  std::list<Handler> handlers_;
  std::unordered_map<GSocket*, Expected> expected_;
  std::set<std::pair<Instant, GSocket*>> expected_by_time_;
  std::unordered_map<SoupServerMessage*, std::size_t> bodies_;  // being read, as announced
  std::size_t body_bytes_ = 0;
  std::list<Upgrade> upgrades_;
  std::vector<SignalConnection> signals_;
  Stats stats_;
  Timer overdue_;
  Ref<SoupServer> soup_;
  Ref<GSocket> socket_;
  Ref<GTlsCertificate> certificate_;  // null: no TLS
  std::string address_;
  bool is_loopback_ = true;
  Timer watch_;  // of the socket; a Timer only in that it owns a source
  Timer pause_;
};

// Of the connection that a message came on. libsoup tells that only of connections it accepted.
GSocket* socketOf(SoupServerMessage* message);

// nullopt: the request has no such header.
std::optional<std::string> requestHeader(SoupServerMessage* message, const char* name);
// Of "Authorization: Bearer ...", the scheme in any case (RFC 9110, 11.1); empty: there is none.
std::string bearerOf(SoupServerMessage* message);
// The body, once all of it is there; valid as long as the message.
std::string bodyOf(SoupServerMessage* message);
// The Host header names this machine as only itself calls it. A page of the web whose name was made
// to lead here (DNS rebinding) has its own name there.
bool namesThisMachine(SoupServerMessage* message);

void setHeader(SoupServerMessage* message, const char* name, const std::string& value);
void answerRequest(SoupServerMessage* message, guint status, const char* type,
                   const std::string& body);

// A long poll that waits for its answer. libsoup reads nothing of a paused connection and so does
// not notice that the client went away; this does. on_aborted runs at most once, and may destroy
// the poll.
class HeldPoll {
 public:
  HeldPoll(Loop& loop, SoupServerMessage* message, std::function<void()> on_aborted);
  ~HeldPoll();  // an unanswered one is answered with nothing
  HeldPoll(const HeldPoll&) = delete;
  HeldPoll& operator=(const HeldPoll&) = delete;

  void answer(const std::string& body);  // once

 private:
  static gboolean onReadable(GSocket* socket, GIOCondition, gpointer self);
  void abort();

  Ref<SoupServerMessage> message_;
  const std::function<void()> on_aborted_;
  SignalConnection on_finished_;
  Timer watch_;  // of the socket; a Timer only in that it owns a source
};

}  // namespace turnout
