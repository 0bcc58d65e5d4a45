#include "bots/signaling/server/engine_server.h"

#include "bots/signaling/server/engine_request.h"
#include "pipelines/base/http/acceptor.h"
#include "pipelines/base/http/held_poll.h"
#include "pipelines/base/http/soup_call.h"
#include "pipelines/base/signal.h"

#include <list>
#include <set>
#include <unordered_map>

#include <gio/gio.h>

namespace turnout {
namespace {

using SoupSocket = SoupWebsocketConnection;

// 122 random bits from getrandom(2) by way of GLib: nobody can guess another's session.
std::string randomSid() {
  return Owned<char>(g_uuid_string_random()).get();
}

struct Connection {
  Connection(EngineSession s, std::string a) : session(std::move(s)), address(std::move(a)) {}
  EngineSession session;
  std::string address;           // of the client, as it came
  Instant due = Instant::max();  // its place in deadlines_
  std::unique_ptr<HeldPoll> poll;
  Ref<SoupSocket> socket;
  SignalConnection on_frame, on_error, on_socket_closed;
};

class SoupEngineServer final : public EngineServer {
 public:
  SoupEngineServer(Loop& loop, Options options, Handlers handlers)
      : loop_(loop),
        options_(std::move(options)),
        handlers_(std::move(handlers)),
        door_(options_.door),
        loops_(loop) {}
  ~SoupEngineServer() override;
  Result<Done> listen();

  void send(const std::string& sid, EnginePacket message) override;
  void close(const std::string& sid, const std::string& why) override;
  int port() const override { return acceptor_->port(); }
  std::size_t sessionCount() const override { return connections_.size(); }
  Stats stats() const override;

 private:
  using Actions = EngineSession::Actions;

  void onHeaders(SoupServerMessage* message);
  void onRequest(SoupServerMessage* message, const EngineQuery& query);
  void onPollingRequest(SoupServerMessage* message, const EngineQuery& query);
  void onPost(SoupServerMessage* message, Connection& connection);
  void holdPoll(SoupServerMessage* message, Connection& connection);
  void onWebSocket(SoupServerMessage* message, SoupSocket* socket);
  void attachWebSocket(Connection& connection, SoupSocket* socket);
  void refuse(SoupServerMessage* message, const EngineRefusal& refusal);
  void servePages();
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
  void farewell(Ref<SoupSocket> socket);
  void schedule(Connection& connection);
  void onDeadlines();

  Loop& loop_;
  const Options options_;
  const Handlers handlers_;
  Doorkeeper door_;
  Stats stats_;
  LoopGroup loops_;  // of the connections
  Ref<SoupServer> server_;
  std::unique_ptr<Acceptor> acceptor_;
  std::unordered_map<std::string, Connection> connections_;
  // One timer for all: a main loop looks at every source in every turn.
  std::set<std::pair<Instant, std::string>> deadlines_;
  Timer next_deadline_;
  // Sockets that say goodbye; libsoup ends that within 5 s.
  struct Farewell {
    Ref<SoupSocket> socket;
    SignalConnection on_closed;
  };
  std::list<Farewell> farewells_;
};

SoupEngineServer::~SoupEngineServer() {
  connections_.clear();  // and with them every handler that would look here
  farewells_.clear();
  acceptor_.reset();
  if (server_)
    soup_server_disconnect(server_.get());
}

EngineServer::Stats SoupEngineServer::stats() const {
  Stats stats = stats_;
  stats.accept_pauses = acceptor_->pauses();
  return stats;
}

Result<Done> SoupEngineServer::listen() {
  const OnLoopContext on_loop(loop_);
  server_ = Ref<SoupServer>::adopt(soup_server_new("server-header", "turnout ", nullptr));
  // No compression: zlib's windows are some 300 kB a socket, for a few messages.
  soup_server_remove_websocket_extension(server_.get(), SOUP_TYPE_WEBSOCKET_EXTENSION_DEFLATE);
  soup_server_add_early_handler(
      server_.get(), options_.path.c_str(),
      [](SoupServer*, SoupServerMessage* message, const char*, GHashTable*, gpointer self) {
        static_cast<SoupEngineServer*>(self)->onHeaders(message);
      },
      this, nullptr);
  soup_server_add_handler(
      server_.get(), options_.path.c_str(),
      [](SoupServer*, SoupServerMessage* message, const char*, GHashTable*, gpointer self) {
        static_cast<SoupEngineServer*>(self)->onRequest(message, readEngineQuery(message));
      },
      this, nullptr);
  soup_server_add_websocket_handler(
      server_.get(), options_.path.c_str(), nullptr, nullptr,
      [](SoupServer*, SoupServerMessage* message, const char*, SoupSocket* socket, gpointer self) {
        static_cast<SoupEngineServer*>(self)->onWebSocket(message, socket);
      },
      this, nullptr);
  servePages();
  auto acceptor = Acceptor::listen(loop_, loops_, server_.get(), options_.address, options_.port);
  if (!acceptor)
    return acceptor.error();
  acceptor_ = *std::move(acceptor);
  return Done{};
}

void SoupEngineServer::servePages() {
  soup_server_add_early_handler(
      server_.get(), nullptr,
      [](SoupServer*, SoupServerMessage* message, const char*, GHashTable*, gpointer self) {
        static_cast<SoupEngineServer*>(self)->onHeaders(message);
      },
      this, nullptr);
  soup_server_add_handler(
      server_.get(), nullptr,
      [](SoupServer*, SoupServerMessage* message, const char*, GHashTable*, gpointer self) {
        static_cast<SoupEngineServer*>(self)->onPageRequest(message);
      },
      this, nullptr);
}

void SoupEngineServer::onPageRequest(SoupServerMessage* message) {
  const std::string_view path = g_uri_get_path(soup_server_message_get_uri(message));
  const std::string_view method = soup_server_message_get_method(message);
  SoupMessageHeaders* headers = soup_server_message_get_response_headers(message);
  for (const Page& page : handlers_.pages) {
    if (page.path != path)
      continue;
    if (method != "GET" && method != "HEAD") {
      soup_message_headers_replace(headers, "Allow", "GET, HEAD");
      return answerRequest(message, 405, "text/plain", "");
    }
    if (!page.token.empty() && !page.token.matches(bearerOf(message)))
      return answerRequest(message, 401, "text/plain", "asks for the token\n");
    for (const auto& [name, value] : page.headers)
      soup_message_headers_replace(headers, name, value);
    return answerRequest(message, 200, page.type, page.body());
  }
  for (const HttpEndpoint& endpoint : handlers_.endpoints)
    if (endpoint.path == path)
      return answerFrom(endpoint, message);
  answerRequest(message, 404, "text/plain", "not found\n");
}

void SoupEngineServer::answerFrom(const HttpEndpoint& endpoint, SoupServerMessage* message) {
  const auto answer = endpoint.answer({.method = soup_server_message_get_method(message),
                                       .address = soup_server_message_get_remote_host(message),
                                       .origin = originOf(message),
                                       .bearer = Secret(bearerOf(message))});
  SoupMessageHeaders* headers = soup_server_message_get_response_headers(message);
  for (const auto& [name, value] : answer.headers)
    soup_message_headers_replace(headers, name.c_str(), value.c_str());
  answerRequest(message, answer.status, "application/json", answer.body);
}

// A body that would be too large is refused before it is stored.
void SoupEngineServer::onHeaders(SoupServerMessage* message) {
  if (bodyFits(message, options_.session.max_payload))
    return;
  soup_message_body_set_accumulate(soup_server_message_get_request_body(message), FALSE);
  soup_message_headers_append(soup_server_message_get_response_headers(message), "Connection",
                              "close");
  stats_.too_large++;
  refuse(message, kTooLarge);
}

void SoupEngineServer::refuse(SoupServerMessage* message, const EngineRefusal& refusal) {
  stats_.bad_requests++;
  answerRequest(message, refusal.status, "application/json", refusal.body);
}

void SoupEngineServer::onRequest(SoupServerMessage* message, const EngineQuery& query) {
  if (query.version != "4")
    return refuse(message, kBadVersion);
  if (!query.sid.empty() && !find(query.sid))
    return refuse(message, kSidUnknown);
  if (const EngineRefusal* refusal = query.sid.empty() ? reasonToRefuse(message) : nullptr)
    return refuse(message, *refusal);
  if (query.transport == "polling")
    return onPollingRequest(message, query);
  if (query.transport != "websocket")
    return refuse(message, kTransportUnknown);
  // No status yet: libsoup now makes the WebSocket handshake and calls onWebSocket().
}

const EngineRefusal* SoupEngineServer::reasonToRefuse(SoupServerMessage* message) {
  if (connections_.size() >= options_.max_sessions) {
    stats_.turned_away_full++;
    return &kFull;
  }
  switch (door_.judge(soup_server_message_get_remote_host(message), originOf(message))) {
    case Doorkeeper::Verdict::kWelcome:
      return nullptr;
    case Doorkeeper::Verdict::kForeignOrigin:
      stats_.foreign_origins++;
      return &kForbidden;
    case Doorkeeper::Verdict::kCrowdedAddress:
      stats_.crowded_addresses++;
      return &kForbidden;
  }
  return nullptr;
}

void SoupEngineServer::onPollingRequest(SoupServerMessage* message, const EngineQuery& query) {
  const std::string_view method = soup_server_message_get_method(message);
  if (query.sid.empty() && method != "GET")
    return refuse(message, kBadMethod);
  if (method == "POST")
    return onPost(message, *find(query.sid));
  if (method != "GET")
    return refuse(message, kBadRequest);
  holdPoll(message, query.sid.empty() ? open(EngineSession::Transport::kPolling, message)
                                      : *find(query.sid));
}

void SoupEngineServer::holdPoll(SoupServerMessage* message, Connection& connection) {
  const std::string sid = connection.session.sid();
  Actions actions;
  if (!connection.session.poll(now(), actions)) {
    refuse(message, kBadRequest);
    return carryOut(sid, std::move(actions));
  }
  connection.poll = std::make_unique<HeldPoll>(loops_.next(), message, [this, sid] {
    const auto aborted = std::move(find(sid)->poll);
    close(sid, "poll aborted");
  });
  carryOut(sid, std::move(actions));
}

void SoupEngineServer::onPost(SoupServerMessage* message, Connection& connection) {
  const std::string sid = connection.session.sid();
  const auto body =
      Ref<GBytes>::adopt(soup_message_body_flatten(soup_server_message_get_request_body(message)));
  gsize size = 0;
  const auto* data = static_cast<const char*>(g_bytes_get_data(body.get(), &size));
  Actions actions;
  if (connection.session.post({data, size}, now(), actions))
    answerRequest(message, 200, "text/html", "ok");  // the word the original server uses
  else
    refuse(message, kBadRequest);
  carryOut(sid, std::move(actions));
}

void SoupEngineServer::onWebSocket(SoupServerMessage* message, SoupSocket* socket) {
  const std::string sid = readEngineQuery(message).sid;
  if (sid.empty()) {
    // Again: others may have come in while this one shook hands.
    if (reasonToRefuse(message))
      return farewell(Ref<SoupSocket>::share(socket));
    Connection& connection = open(EngineSession::Transport::kWebSocket, message);
    attachWebSocket(connection, socket);
    Actions actions;
    connection.session.open(now(), actions);
    return carryOut(connection.session.sid(), std::move(actions));
  }
  Connection* connection = find(sid);
  if (!connection || !connection->session.offerWebSocket(now())) {
    stats_.bad_requests++;
    return farewell(Ref<SoupSocket>::share(socket));
  }
  attachWebSocket(*connection, socket);
  schedule(*connection);
}

void SoupEngineServer::attachWebSocket(Connection& connection, SoupSocket* socket) {
  const std::string sid = connection.session.sid();
  soup_websocket_connection_set_max_incoming_payload_size(socket, options_.session.max_payload);
  connection.socket = Ref<SoupSocket>::share(socket);
  connection.on_frame = turnout::connect<void(SoupSocket*, gint, GBytes*)>(
      socket, "message", [this, sid](SoupSocket*, gint type, GBytes* bytes) {
        Connection* open = find(sid);
        if (!open)
          return;
        gsize size = 0;
        const auto* data = static_cast<const char*>(g_bytes_get_data(bytes, &size));
        Actions actions;
        auto packet = type == SOUP_WEBSOCKET_DATA_BINARY
                          ? EnginePacket{EnginePacketType::kMessage, {data, size}, true}
                          : decodeEnginePacket({data, size});
        if (packet)
          open->session.frame(*packet, now(), actions);
        else
          open->session.malformedFrame(actions);
        carryOut(sid, std::move(actions));
      });
  const auto gone = [this, sid](void (EngineSession::*what)(Actions&)) {
    if (Connection* open = find(sid)) {
      Actions actions;
      (open->session.*what)(actions);
      carryOut(sid, std::move(actions));
    }
  };
  connection.on_error = turnout::connect<void(SoupSocket*, GError*)>(
      socket, "error", [this, gone](auto*, GError* error) {
        if (g_error_matches(error, SOUP_WEBSOCKET_ERROR, SOUP_WEBSOCKET_CLOSE_TOO_BIG))
          stats_.too_large++;
        gone(&EngineSession::malformedFrame);
      });
  connection.on_socket_closed = turnout::connect<void(SoupSocket*)>(
      socket, "closed", [gone](auto*) { gone(&EngineSession::webSocketGone); });
}

Connection& SoupEngineServer::open(EngineSession::Transport transport, SoupServerMessage* message) {
  const std::string sid = randomSid();
  const std::string address = soup_server_message_get_remote_host(message);
  EngineSession session(sid, transport, options_.session, now());
  auto& connection =
      connections_.emplace(sid, Connection(std::move(session), address)).first->second;
  door_.entered(address);
  stats_.opened++;
  if (transport == EngineSession::Transport::kPolling) {
    Actions actions;  // none: the handshake waits for the poll
    connection.session.open(now(), actions);
  }
  handlers_.on_open(sid);
  return connection;
}

Connection* SoupEngineServer::find(const std::string& sid) {
  const auto found = connections_.find(sid);
  return found == connections_.end() ? nullptr : &found->second;
}

void SoupEngineServer::send(const std::string& sid, EnginePacket message) {
  if (Connection* connection = find(sid)) {
    stats_.messages_out++;
    Actions actions;
    connection->session.send(std::move(message), actions);
    carryOut(sid, std::move(actions));
  }
}

void SoupEngineServer::close(const std::string& sid, const std::string& why) {
  if (Connection* connection = find(sid)) {
    Actions actions;
    connection->session.close(why, actions);
    carryOut(sid, std::move(actions));
  }
}

// A handler may send to or close this very session, so it is looked up anew for each action, by an
// id of our own.
void SoupEngineServer::carryOut(std::string sid, Actions actions) {
  for (auto& action : actions)
    if (Connection* connection = find(sid))
      std::visit([&](auto& a) { carryOut(*connection, a); }, action);
  if (Connection* connection = find(sid))
    schedule(*connection);
}

void SoupEngineServer::carryOut(Connection& connection, EngineSession::AnswerPoll& action) {
  if (const auto poll = std::move(connection.poll))
    poll->answer(action.body);
}

void SoupEngineServer::carryOut(Connection& connection, EngineSession::SendFrame& action) {
  SoupSocket* socket = connection.socket.get();
  if (!socket || soup_websocket_connection_get_state(socket) != SOUP_WEBSOCKET_STATE_OPEN)
    return;  // its "closed" is on the way
  const std::string text = encodeEnginePacket(action.packet);
  const auto bytes = Ref<GBytes>::adopt(g_bytes_new(text.data(), text.size()));
  soup_websocket_connection_send_message(socket, SOUP_WEBSOCKET_DATA_TEXT, bytes.get());
}

void SoupEngineServer::carryOut(Connection& connection, EngineSession::Deliver& action) {
  stats_.messages_in++;
  const std::string sid = connection.session.sid();  // outlives the connection
  handlers_.on_message(sid, action.packet);
}

void SoupEngineServer::carryOut(Connection& connection, EngineSession::DropWebSocket&) {
  connection.on_frame.disconnect();
  connection.on_error.disconnect();
  connection.on_socket_closed.disconnect();
  farewell(std::exchange(connection.socket, {}));
}

void SoupEngineServer::carryOut(Connection& connection, EngineSession::Closed& action) {
  const std::string sid = connection.session.sid();
  stats_.closed++;
  deadlines_.erase({connection.due, sid});
  door_.left(connection.address);
  connections_.erase(sid);
  handlers_.on_close(sid, action.why);
}

void SoupEngineServer::farewell(Ref<SoupSocket> socket) {
  if (!socket || soup_websocket_connection_get_state(socket.get()) == SOUP_WEBSOCKET_STATE_CLOSED)
    return;
  const auto place = farewells_.insert(farewells_.end(), {socket, {}});
  place->on_closed = turnout::connect<void(SoupSocket*)>(
      socket.get(), "closed", [this, place](auto*) { farewells_.erase(place); });
  if (soup_websocket_connection_get_state(socket.get()) == SOUP_WEBSOCKET_STATE_OPEN)
    soup_websocket_connection_close(socket.get(), SOUP_WEBSOCKET_CLOSE_NORMAL, nullptr);
}

void SoupEngineServer::schedule(Connection& connection) {
  const Instant due = connection.session.deadline();
  if (due == connection.due)
    return;
  deadlines_.erase({connection.due, connection.session.sid()});
  deadlines_.insert({due, connection.session.sid()});
  connection.due = due;
  if (deadlines_.begin()->second == connection.session.sid())
    next_deadline_ = loop_.at(due, [this] { onDeadlines(); });
}

void SoupEngineServer::onDeadlines() {
  const Instant at = now();
  while (!deadlines_.empty() && deadlines_.begin()->first <= at) {
    const std::string sid = deadlines_.begin()->second;
    deadlines_.erase(deadlines_.begin());
    Connection& connection = *find(sid);
    connection.due = Instant::max();
    Actions actions;
    connection.session.onTime(at, actions);
    carryOut(sid, std::move(actions));
  }
  if (!deadlines_.empty())
    next_deadline_ = loop_.at(deadlines_.begin()->first, [this] { onDeadlines(); });
}

}  // namespace

Result<std::unique_ptr<EngineServer>> EngineServer::start(Loop& loop, Options options,
                                                          Handlers handlers) {
  auto server = std::make_unique<SoupEngineServer>(loop, std::move(options), std::move(handlers));
  if (auto listening = server->listen(); !listening)
    return listening.error();
  return std::unique_ptr<EngineServer>(std::move(server));
}

}  // namespace turnout
