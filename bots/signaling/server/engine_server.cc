#include "bots/signaling/server/engine_server.h"

#include <algorithm>
#include <utility>

#include <gio/gio.h>

namespace turnout {

// Engine.IO's own refusals: the code and text a client may show.
struct EngineRefusal {
  guint status;
  const char* body;
};

namespace {

constexpr EngineRefusal kTransportUnknown{400, R"({"code":0,"message":"Transport unknown"})"};
constexpr EngineRefusal kSidUnknown{400, R"({"code":1,"message":"Session ID unknown"})"};
constexpr EngineRefusal kBadMethod{400, R"({"code":2,"message":"Bad handshake method"})"};
constexpr EngineRefusal kBadRequest{400, R"({"code":3,"message":"Bad request"})"};
constexpr EngineRefusal kBadVersion{400, R"({"code":5,"message":"Unsupported protocol version"})"};
constexpr EngineRefusal kForbidden{403, R"({"code":4,"message":"Forbidden"})"};
constexpr EngineRefusal kMisdirected{421, R"({"code":4,"message":"Another host is meant"})"};
constexpr EngineRefusal kBarred{429, R"({"code":4,"message":"Too many wrong tokens"})"};
constexpr std::size_t kFrameCost = 256;          // bytes that a message counts as beside its own
constexpr std::size_t kSmallUnread = 64 * 1024;  // bytes; who has no more is not in the way

constexpr EngineRefusal kFull{503, R"({"code":4,"message":"Too many sessions"})"};

// 122 random bits from getrandom(2) by way of GLib: nobody can guess another's session.
std::string randomSid() {
  return Owned<char>(g_uuid_string_random()).get();
}

EngineQuery queryOf(SoupServerMessage* message) {
  return readEngineQuery(g_uri_get_query(soup_server_message_get_uri(message)));
}

}  // namespace

EngineQuery readEngineQuery(const char* query) {
  if (!query)
    return {};
  GHashTable* table = soup_form_decode(query);
  const auto get = [table](const char* key) -> std::string {
    const auto* value = static_cast<const char*>(g_hash_table_lookup(table, key));
    return value ? value : "";
  };
  EngineQuery asked{get("EIO"), get("transport"), get("sid")};
  g_hash_table_unref(table);
  return asked;
}

EngineServer::EngineServer(Loop& loop, Options options, Handlers handlers)
    : loop_(loop),
      options_(std::move(options)),
      handlers_(std::move(handlers)),
      admission_(options_.admission),
      http_(loop, options_.http) {
  options_.unconfirmed_message =
      std::min(options_.unconfirmed_message, options_.session.max_payload);
}

// With the connections every handler goes that would look here.
EngineServer::~EngineServer() {
  connections_.clear();
  closing_.clear();
}

EngineServer::Stats EngineServer::stats() const {
  Stats stats = stats_;
  stats.http = http_.stats();
  stats.too_large += stats.http.too_large;
  stats.bad_requests += stats.http.too_large + stats.http.bodies_refused;
  return stats;
}

Result<Done> EngineServer::listen() {
  const char* path = options_.path.c_str();
  http_.onHeaders(path, [this](SoupServerMessage* message) { return longestBody(message); });
  http_.onRequest(path, [this](SoupServerMessage* message) { onRequest(message); });
  http_.onHeaders(nullptr, [this](SoupServerMessage*) { return options_.unconfirmed_message; });
  http_.onRequest(nullptr, [this](SoupServerMessage* message) { onPageRequest(message); });
  if (!options_.tls_certificate_file.empty())
    if (auto used = http_.useCertificate(options_.tls_certificate_file, options_.tls_key_file);
        !used)
      return used;
  return http_.listen(options_.address, options_.port);
}

void EngineServer::onPageRequest(SoupServerMessage* message) {
  if (!isForMe(message))
    return;
  const std::string_view path = g_uri_get_path(soup_server_message_get_uri(message));
  const std::string_view method = soup_server_message_get_method(message);
  for (const Page& page : handlers_.pages) {
    if (page.path != path)
      continue;
    if (method != "GET" && method != "HEAD") {
      setHeader(message, "Allow", "GET, HEAD");
      return answerRequest(message, 405, "text/plain", "");
    }
    if (!page.token.empty() && !page.token.matches(bearerOf(message)))
      return answerRequest(message, 401, "text/plain", "asks for the token\n");
    for (const auto& [name, value] : page.headers)
      setHeader(message, name, value);
    return answerRequest(message, 200, page.type, page.body());
  }
  for (const HttpEndpoint& endpoint : handlers_.endpoints)
    if (endpoint.path == path)
      return answerFrom(endpoint, message);
  answerRequest(message, 404, "text/plain", "not found\n");
}

void EngineServer::answerFrom(const HttpEndpoint& endpoint, SoupServerMessage* message) {
  const auto answer = endpoint.answer({.method = soup_server_message_get_method(message),
                                       .address = soup_server_message_get_remote_host(message),
                                       .origin = requestHeader(message, "Origin"),
                                       .bearer = Secret(bearerOf(message))});
  for (const auto& [name, value] : answer.headers)
    setHeader(message, name.c_str(), value);
  answerRequest(message, answer.status, "application/json", answer.body);
}

std::size_t EngineServer::longestBody(SoupServerMessage* message) {
  const Connection* connection = find(queryOf(message).sid);
  return connection && !connection->confirm_due ? options_.session.max_payload
                                                : options_.unconfirmed_message;
}

// On a loopback address only what is meant for this machine, or for the host of a listed origin,
// whose proxy hands its name on.
bool EngineServer::isForMe(SoupServerMessage* message) {
  if (!http_.isLoopback() || namesThisMachine(message))
    return true;
  const std::string host = requestHeader(message, "Host").value_or("");
  if (admission_.isListed("https://" + host) || admission_.isListed("http://" + host))
    return true;
  stats_.foreign_hosts++;
  refuse(message, kMisdirected);
  return false;
}

// So that pages of other origins may poll (CORS); a WebSocket asks nobody.
void EngineServer::allowOrigin(SoupServerMessage* message) const {
  const auto origin = requestHeader(message, "Origin");
  if (!origin || (!options_.admission.origins.empty() && !admission_.isListed(*origin)))
    return;
  setHeader(message, "Access-Control-Allow-Origin", *origin);
  setHeader(message, "Vary", "Origin");
  if (admission_.isListed(*origin))
    setHeader(message, "Access-Control-Allow-Credentials", "true");
}

// False: it has sent too much, and is gone.
bool EngineServer::spend(Connection& connection, std::size_t bytes) {
  const Instant at = now();
  const double seconds =
      std::chrono::duration<double>(at - std::exchange(connection.bytes_at, at)).count();
  connection.bytes_left =
      std::min(options_.burst_bytes, connection.bytes_left + seconds * options_.bytes_per_s);
  connection.bytes_left -= static_cast<double>(bytes + kFrameCost);
  if (connection.bytes_left >= 0)
    return true;
  stats_.floods++;
  const Ref<Socket> socket = connection.socket;
  close(connection.session.sid(), "too much at once");
  if (socket)
    shutDown(socket.get());
  return false;
}

void EngineServer::refuse(SoupServerMessage* message, const EngineRefusal& refusal) {
  stats_.bad_requests++;
  answerRequest(message, refusal.status, "application/json", refusal.body);
}

void EngineServer::onRequest(SoupServerMessage* message) {
  if (!isForMe(message))
    return;
  const EngineQuery query = queryOf(message);
  allowOrigin(message);
  if (std::string_view(soup_server_message_get_method(message)) == "OPTIONS") {
    setHeader(message, "Access-Control-Allow-Methods", "GET, POST");
    setHeader(message, "Access-Control-Allow-Headers", "Content-Type, Authorization");
    setHeader(message, "Access-Control-Max-Age", "600");
    return answerRequest(message, 204, "text/plain", "");
  }
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
  // Compression is not offered: zlib's windows are some 300 kB a socket, for a few messages.
  http_.acceptWebSocket(message, {.message = options_.unconfirmed_message},
                        [this](SoupServerMessage* switched, Ref<Socket> socket) {
                          onWebSocket(switched, std::move(socket));
                        });
}

const EngineRefusal* EngineServer::reasonToRefuse(SoupServerMessage* message) {
  if (connections_.size() >= options_.max_sessions) {
    stats_.turned_away_full++;
    return &kFull;
  }
  switch (admission_.judge(soup_server_message_get_remote_host(message),
                           requestHeader(message, "Origin"), now())) {
    case Admission::Verdict::kAdmitted:
      return nullptr;
    case Admission::Verdict::kForeignOrigin:
      stats_.foreign_origins++;
      return &kForbidden;
    case Admission::Verdict::kCrowdedAddress:
      stats_.crowded_addresses++;
      return &kForbidden;
    case Admission::Verdict::kTooManyUnconfirmed:
      stats_.unconfirmed++;
      return &kFull;
    case Admission::Verdict::kBarred:
      stats_.barred++;
      return &kBarred;
  }
  return nullptr;
}

void EngineServer::onPollingRequest(SoupServerMessage* message, const EngineQuery& query) {
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

void EngineServer::holdPoll(SoupServerMessage* message, Connection& connection) {
  const std::string sid = connection.session.sid();
  Actions actions;
  if (!connection.session.poll(now(), actions)) {
    refuse(message, kBadRequest);
    return carryOut(sid, std::move(actions));
  }
  connection.poll = std::make_unique<HeldPoll>(http_.nextLoop(), message, [this, sid] {
    const auto aborted = std::move(find(sid)->poll);
    close(sid, "poll aborted");
  });
  carryOut(sid, std::move(actions));
}

void EngineServer::onPost(SoupServerMessage* message, Connection& connection) {
  const std::string sid = connection.session.sid();
  const std::string body = bodyOf(message);
  if (!spend(connection, body.size()))
    return refuse(message, kBadRequest);
  Actions actions;
  if (connection.session.post(body, now(), actions))
    answerRequest(message, 200, "text/html", "ok");  // the word the original server uses
  else
    refuse(message, kBadRequest);
  carryOut(sid, std::move(actions));
}

void EngineServer::onWebSocket(SoupServerMessage* message, Ref<Socket> socket) {
  const std::string sid = queryOf(message).sid;
  if (sid.empty()) {
    // Again: others may have come in while this one shook hands.
    if (reasonToRefuse(message))
      return closeSocket(std::move(socket));
    Connection& connection = open(EngineSession::Transport::kWebSocket, message);
    attachWebSocket(connection, socket);
    Actions actions;
    connection.session.open(now(), actions);
    return carryOut(connection.session.sid(), std::move(actions));
  }
  Connection* connection = find(sid);
  if (!connection || !connection->session.offerWebSocket(now())) {
    stats_.bad_requests++;
    return closeSocket(std::move(socket));
  }
  attachWebSocket(*connection, socket);
  schedule(*connection);
}

void EngineServer::attachWebSocket(Connection& connection, const Ref<Socket>& socket) {
  const std::string sid = connection.session.sid();
  connection.socket = socket;
  if (!connection.confirm_due)
    setMessageLimit(socket.get(), options_.session.max_payload);
  connection.on_frame = turnout::connect<void(Socket*, gint, GBytes*)>(
      socket.get(), "message", [this, sid](Socket*, gint type, GBytes* bytes) {
        Connection* open = find(sid);
        if (!open)
          return;
        gsize size = 0;
        const auto* data = static_cast<const char*>(g_bytes_get_data(bytes, &size));
        if (!spend(*open, size))
          return;
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
  connection.on_error = turnout::connect<void(Socket*, GError*)>(
      socket.get(), "error", [this, gone](Socket* failed, GError* error) {
        const bool is_flood =
            g_error_matches(error, SOUP_WEBSOCKET_ERROR, SOUP_WEBSOCKET_CLOSE_POLICY_VIOLATION);
        if (is_flood)
          stats_.floods++;
        else if (g_error_matches(error, SOUP_WEBSOCKET_ERROR, SOUP_WEBSOCKET_CLOSE_TOO_BIG))
          stats_.too_large++;
        shutDown(failed);  // libsoup would go on reading until the close handshake is over
        gone(&EngineSession::malformedFrame);
      });
  connection.on_socket_closed = turnout::connect<void(Socket*)>(
      socket.get(), "closed", [gone](auto*) { gone(&EngineSession::webSocketGone); });
}

EngineServer::Connection& EngineServer::open(EngineSession::Transport transport,
                                             SoupServerMessage* message) {
  const std::string sid = randomSid();
  const std::string address = soup_server_message_get_remote_host(message);
  EngineSession session(sid, transport, options_.session, now());
  auto& connection =
      connections_.emplace(sid, Connection(std::move(session), address)).first->second;
  connection.confirm_due = now() + options_.confirm_within;
  connection.bytes_left = options_.burst_bytes;
  connection.bytes_at = now();
  admission_.entered(address);
  stats_.opened++;
  if (transport == EngineSession::Transport::kPolling) {
    Actions actions;  // none: the handshake waits for the poll
    connection.session.open(now(), actions);
  }
  handlers_.on_open(sid);
  return connection;
}

EngineServer::Connection* EngineServer::find(const std::string& sid) {
  const auto found = connections_.find(sid);
  return found == connections_.end() ? nullptr : &found->second;
}

void EngineServer::send(const std::string& sid, EnginePacket message) {
  if (Connection* connection = find(sid)) {
    stats_.messages_out++;
    Actions actions;
    connection->session.send(std::move(message), actions);
    countUnread(*connection);
    if (unread_ > options_.max_unread && connection->unread > kSmallUnread) {
      stats_.unread++;
      connection->session.close("client does not read, and others need the memory", actions);
    }
    carryOut(sid, std::move(actions));
  }
}

void EngineServer::close(const std::string& sid, const std::string& why) {
  if (Connection* connection = find(sid)) {
    Actions actions;
    connection->session.close(why, actions);
    carryOut(sid, std::move(actions));
  }
}

void EngineServer::confirm(const std::string& sid) {
  Connection* connection = find(sid);
  if (!connection || !connection->confirm_due)
    return;
  connection->confirm_due.reset();
  admission_.confirmed(connection->address);
  if (connection->socket)
    setMessageLimit(connection->socket.get(), options_.session.max_payload);
  schedule(*connection);
}

std::string EngineServer::addressOf(const std::string& sid) const {
  const auto found = connections_.find(sid);
  return found == connections_.end() ? "" : found->second.address;
}

// A handler may send to or close this very session, so it is looked up anew for each action, by an
// id of our own.
void EngineServer::carryOut(std::string sid, Actions actions) {
  for (auto& action : actions)
    if (Connection* connection = find(sid))
      std::visit([&](auto& a) { carryOut(*connection, a); }, action);
  if (Connection* connection = find(sid))
    schedule(*connection);
}

void EngineServer::carryOut(Connection& connection, EngineSession::AnswerPoll& action) {
  if (const auto poll = std::move(connection.poll))
    poll->answer(action.body);
}

void EngineServer::carryOut(Connection& connection, EngineSession::SendFrame& action) {
  Socket* socket = connection.socket.get();
  if (!socket || soup_websocket_connection_get_state(socket) != SOUP_WEBSOCKET_STATE_OPEN)
    return;  // its "closed" is on the way
  const std::string text = encodeEnginePacket(action.packet);
  const auto bytes = Ref<GBytes>::adopt(g_bytes_new(text.data(), text.size()));
  soup_websocket_connection_send_message(socket, SOUP_WEBSOCKET_DATA_TEXT, bytes.get());
}

void EngineServer::carryOut(Connection& connection, EngineSession::Deliver& action) {
  stats_.messages_in++;
  const std::string sid = connection.session.sid();  // outlives the connection
  handlers_.on_message(sid, action.packet);
}

void EngineServer::carryOut(Connection& connection, EngineSession::DropWebSocket&) {
  connection.on_frame.disconnect();
  connection.on_error.disconnect();
  connection.on_socket_closed.disconnect();
  closeSocket(std::exchange(connection.socket, {}));
}

void EngineServer::carryOut(Connection& connection, EngineSession::Closed& action) {
  const std::string sid = connection.session.sid();
  stats_.closed++;
  deadlines_.erase({connection.due, sid});
  unread_ -= connection.unread;
  admission_.left(connection.address, connection.confirm_due ? Admission::Left::kUnconfirmed
                                                             : Admission::Left::kConfirmed);
  connections_.erase(sid);
  handlers_.on_close(sid, action.why);
}

void EngineServer::closeSocket(Ref<Socket> socket) {
  if (!socket || soup_websocket_connection_get_state(socket.get()) == SOUP_WEBSOCKET_STATE_CLOSED)
    return;
  const auto place = closing_.insert(closing_.end(), {socket, {}});
  place->on_closed = turnout::connect<void(Socket*)>(
      socket.get(), "closed", [this, place](auto*) { closing_.erase(place); });
  if (soup_websocket_connection_get_state(socket.get()) == SOUP_WEBSOCKET_STATE_OPEN)
    soup_websocket_connection_close(socket.get(), SOUP_WEBSOCKET_CLOSE_NORMAL, nullptr);
}

void EngineServer::countUnread(Connection& connection) {
  const std::size_t unread = connection.session.unread();
  unread_ += unread - std::exchange(connection.unread, unread);
}

void EngineServer::schedule(Connection& connection) {
  countUnread(connection);
  const Instant due =
      std::min(connection.session.deadline(), connection.confirm_due.value_or(Instant::max()));
  if (due == connection.due)
    return;
  deadlines_.erase({connection.due, connection.session.sid()});
  deadlines_.insert({due, connection.session.sid()});
  connection.due = due;
  if (deadlines_.begin()->second == connection.session.sid())
    next_deadline_ = loop_.at(due, [this] { onDeadlines(); });
}

void EngineServer::onDeadlines() {
  const Instant at = now();
  while (!deadlines_.empty() && deadlines_.begin()->first <= at) {
    const std::string sid = deadlines_.begin()->second;
    deadlines_.erase(deadlines_.begin());
    Connection& connection = *find(sid);
    connection.due = Instant::max();
    Actions actions;
    connection.session.onTime(at, actions);
    if (connection.confirm_due && *connection.confirm_due <= at)
      connection.session.close("was not let in in time", actions);
    carryOut(sid, std::move(actions));
  }
  if (!deadlines_.empty())
    next_deadline_ = loop_.at(deadlines_.begin()->first, [this] { onDeadlines(); });
}

Result<std::unique_ptr<EngineServer>> EngineServer::start(Loop& loop, Options options,
                                                          Handlers handlers) {
  std::unique_ptr<EngineServer> server(
      new EngineServer(loop, std::move(options), std::move(handlers)));
  if (auto listening = server->listen(); !listening)
    return listening.error();
  return server;
}

std::size_t socketsWithin(std::size_t files) {
  constexpr std::size_t kOther = 32;  // standard streams, listener, clocks
  // One descriptor a socket; a loop, which has two, for each of the first.
  constexpr std::size_t kLoops = LoopGroup::kUsualSize;
  const std::size_t left = files > kOther ? files - kOther : 0;
  return left > 3 * kLoops ? left - 2 * kLoops : left / 3;
}

}  // namespace turnout
