#include "pipelines/base/http/http_server.h"

#include <algorithm>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace turnout {
namespace {

constexpr int kBacklog = 4096;
constexpr int kAtOnce = 64;         // before others get their turn of the loop
constexpr Duration kPause = 100ms;  // when the system has nothing left to accept with

constexpr const char* kSocketKey = "turnout-socket";
constexpr const char* kUpgradedKey = "turnout-web-socket";  // it carries no more requests

Ref<GSocket> listeningSocket(GSocketAddress* address, Owned<GError>& error) {
  auto socket =
      Ref<GSocket>::adopt(g_socket_new(g_socket_address_get_family(address), G_SOCKET_TYPE_STREAM,
                                       G_SOCKET_PROTOCOL_TCP, error.out()));
  if (!socket)
    return {};
  g_socket_set_blocking(socket.get(), FALSE);
  g_socket_set_listen_backlog(socket.get(), kBacklog);
  if (!g_socket_bind(socket.get(), address, TRUE, error.out()) ||
      !g_socket_listen(socket.get(), error.out()))
    return {};
  return socket;
}

void callHandler(SoupServer*, SoupServerMessage* message, const char*, GHashTable*,
                 gpointer handler) {
  (*static_cast<HttpServer::Handler*>(handler))(message);
}

}  // namespace

HttpServer::HttpServer(Loop& loop, const Limits& limits)
    : loop_(loop), limits_(limits), loops_(loop) {
  const OnLoopContext on_loop(loop_);
  soup_ = Ref<SoupServer>::adopt(soup_server_new("server-header", "turnout ", nullptr));
  using OnMessage = void(SoupServer*, SoupServerMessage*);
  signals_.push_back(connect<OnMessage>(soup_.get(), "request-read", [this](auto*, auto* message) {
    forgetBody(message);
    stopExpecting(socketOf(message));
  }));
  for (const char* end : {"request-finished", "request-aborted"})
    signals_.push_back(connect<OnMessage>(soup_.get(), end, [this](auto*, auto* message) {
      forgetBody(message);
      GSocket* socket = socketOf(message);
      if (socket && !g_object_get_data(G_OBJECT(socket), kUpgradedKey))
        expectRequest(socket, limits_.next_request);
    }));
  overdue_ = loop_.every(1s, [this] { closeOverdue(); });
}

HttpServer::~HttpServer() {
  signals_.clear();
  upgrades_.clear();
  watch_.cancel();
  soup_server_disconnect(soup_.get());
}

void HttpServer::onHeaders(const char* path,
                           std::function<std::size_t(SoupServerMessage* message)> longest) {
  Handler handler = [this, longest = std::move(longest)](SoupServerMessage* message) {
    admitBody(message, longest(message));
  };
  soup_server_add_early_handler(soup_.get(), path, callHandler,
                                &handlers_.emplace_back(std::move(handler)), nullptr);
}

void HttpServer::onRequest(const char* path, Handler handler) {
  soup_server_add_handler(soup_.get(), path, callHandler,
                          &handlers_.emplace_back(std::move(handler)), nullptr);
}

// A body that would be too large, or that does not say how large it is, is refused before it is
// stored.
void HttpServer::admitBody(SoupServerMessage* message, std::size_t longest) {
  SoupMessageHeaders* headers = soup_server_message_get_request_headers(message);
  const auto encoding = soup_message_headers_get_encoding(headers);
  const auto length = soup_message_headers_get_content_length(headers);
  if (encoding == SOUP_ENCODING_NONE)
    return;
  const bool fits = encoding == SOUP_ENCODING_CONTENT_LENGTH && length >= 0 &&
                    static_cast<std::size_t>(length) <= longest;
  const auto bytes = static_cast<std::size_t>(std::max<goffset>(length, 0));
  if (fits && body_bytes_ + bytes <= limits_.bodies) {
    body_bytes_ += bytes - std::exchange(bodies_[message], bytes);
    return;
  }
  (fits ? stats_.bodies_refused : stats_.too_large)++;
  soup_message_body_set_accumulate(soup_server_message_get_request_body(message), FALSE);
  setHeader(message, "Connection", "close");
  answerRequest(message, fits ? 503 : 413, "application/json",
                fits ? R"({"code":4,"message":"Too much at once"})"
                     : R"({"code":3,"message":"Payload too large"})");
}

void HttpServer::forgetBody(SoupServerMessage* message) {
  if (const auto body = bodies_.find(message); body != bodies_.end()) {
    body_bytes_ -= body->second;
    bodies_.erase(body);
  }
}

void HttpServer::expectRequest(GSocket* socket, Duration within) {
  stopExpecting(socket);
  if (!socket || g_socket_is_closed(socket))
    return;
  const Instant due = now() + within;
  expected_.emplace(socket, Expected{Ref<GSocket>::share(socket), due});
  expected_by_time_.emplace(due, socket);
}

void HttpServer::stopExpecting(GSocket* socket) {
  if (const auto found = expected_.find(socket); found != expected_.end()) {
    expected_by_time_.erase({found->second.due, socket});
    expected_.erase(found);
  }
}

// libsoup sees the end of file, and does the rest.
void HttpServer::closeOverdue() {
  const Instant at = now();
  while (!expected_by_time_.empty() && expected_by_time_.begin()->first <= at) {
    const Ref<GSocket> socket = Ref<GSocket>::share(expected_by_time_.begin()->second);
    stopExpecting(socket.get());
    if (g_socket_is_closed(socket.get()))
      continue;
    stats_.slow_requests++;
    ::shutdown(g_socket_get_fd(socket.get()), SHUT_RDWR);
  }
}

void HttpServer::acceptWebSocket(
    SoupServerMessage* message, const FrameMeter::Limits& limits,
    std::function<void(SoupServerMessage*, Ref<SoupWebsocketConnection>)> on_open) {
  GList* extensions = nullptr;
  if (!soup_websocket_server_process_handshake(message, nullptr, nullptr, nullptr, &extensions))
    return;  // it has its answer
  const auto upgrade = upgrades_.emplace(upgrades_.end());
  upgrade->on_finished = connect<void(SoupServerMessage*)>(
      message, "finished", [this, upgrade](auto*) { upgrades_.erase(upgrade); });
  upgrade->on_switched = connect<void(SoupServerMessage*)>(
      message, "wrote-informational",
      [this, upgrade, limits, on_open = std::move(on_open)](SoupServerMessage* switched) {
        const auto done = on_open;  // ours goes with the upgrade
        const auto kept = Ref<SoupServerMessage>::share(switched);
        const FrameMeter::Limits of_socket = limits;
        GSocket* socket = socketOf(switched);
        g_object_set_data(G_OBJECT(socket), kUpgradedKey, socket);
        stopExpecting(socket);
        upgrades_.erase(upgrade);
        const auto stream = Ref<GIOStream>::adopt(soup_server_message_steal_connection(kept.get()));
        done(kept.get(), webSocketOver(stream.get(), soup_server_message_get_uri(kept.get()),
                                       WebSocketEnd::kServer, of_socket));
      });
}

Result<Done> HttpServer::useCertificate(const std::string& certificate_file,
                                        const std::string& key_file) {
  Owned<GError> error;
  certificate_ = Ref<GTlsCertificate>::adopt(
      g_tls_certificate_new_from_files(certificate_file.c_str(), key_file.c_str(), error.out()));
  if (!certificate_)
    return Error{ErrorCode::kEnvironment, "cannot use the certificate " + certificate_file +
                                              " with the key " + key_file + ": " + error->message};
  return Done{};
}

Result<Done> HttpServer::listen(const std::string& address, int port) {
  const auto ip = Ref<GInetAddress>::adopt(g_inet_address_new_from_string(address.c_str()));
  if (!ip)
    return Error{ErrorCode::kUsage, "not an IP address to listen on: " + address};
  const auto where =
      Ref<GSocketAddress>::adopt(g_inet_socket_address_new(ip.get(), static_cast<guint16>(port)));
  Owned<GError> error;
  socket_ = listeningSocket(where.get(), error);
  if (!socket_)
    return Error{ErrorCode::kEnvironment, "cannot listen on " + address + " port " +
                                              std::to_string(port) + ": " + error->message};
  // libsoup keeps a connection open after an answer only when it believes that it listens (3.2). So
  // it gets the socket as well, on a context that nobody runs: it never accepts.
  const auto never_run = Ref<GMainContext>::adopt(g_main_context_new());
  g_main_context_push_thread_default(never_run.get());
  const bool believes =
      soup_server_listen_socket(soup_.get(), socket_.get(), static_cast<SoupServerListenOptions>(0),
                                error.out()) != FALSE;
  g_main_context_pop_thread_default(never_run.get());
  if (!believes)
    return Error{ErrorCode::kEnvironment, "cannot listen: " + std::string(error->message)};
  address_ = address;
  is_loopback_ = g_inet_address_get_is_loopback(ip.get()) != FALSE;
  watch();
  return Done{};
}

int HttpServer::port() const {
  const auto bound = Ref<GSocketAddress>::adopt(g_socket_get_local_address(socket_.get(), nullptr));
  return g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(bound.get()));
}

std::string HttpServer::url() const {
  const bool is_v6 = address_.find(':') != std::string::npos;
  return (certificate_ ? "https://" : "http://") + (is_v6 ? "[" + address_ + "]" : address_) + ":" +
         std::to_string(port());
}

void HttpServer::watch() {
  auto source = Ref<GSource>::adopt(g_socket_create_source(socket_.get(), G_IO_IN, nullptr));
  const GSocketSourceFunc on_ready = [](GSocket*, GIOCondition, gpointer self) -> gboolean {
    static_cast<HttpServer*>(self)->acceptSome();
    return G_SOURCE_CONTINUE;
  };
  g_source_set_callback(source.get(), G_SOURCE_FUNC(on_ready), this, nullptr);
  g_source_attach(source.get(), loop_.context());
  watch_ = Timer(std::move(source));
}

void HttpServer::acceptSome() {
  for (int i = 0; i < kAtOnce; i++) {
    Owned<GError> error;
    auto connection = Ref<GSocket>::adopt(g_socket_accept(socket_.get(), nullptr, error.out()));
    if (connection) {
      hand(std::move(connection));
      continue;
    }
    // The others go by themselves: nobody there, or a client that went while it waited.
    if (!g_error_matches(error.get(), G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK) &&
        !g_error_matches(error.get(), G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED)) {
      stats_.accept_pauses++;
      watch_.cancel();
      pause_ = loop_.after(kPause, [this] { watch(); });
    }
    return;
  }
}

void HttpServer::hand(Ref<GSocket> socket) {
  const OnLoopContext on_loop(loops_.next());
  const auto local = Ref<GSocketAddress>::adopt(g_socket_get_local_address(socket.get(), nullptr));
  const auto remote =
      Ref<GSocketAddress>::adopt(g_socket_get_remote_address(socket.get(), nullptr));
  g_socket_set_option(socket.get(), IPPROTO_TCP, TCP_NODELAY, 1, nullptr);
  const auto connection =
      Ref<GSocketConnection>::adopt(g_socket_connection_factory_create_connection(socket.get()));
  if (!remote)  // it has gone already
    return;
  Ref<GIOStream> stream = Ref<GIOStream>::share(G_IO_STREAM(connection.get()));
  if (certificate_) {  // it shakes hands when libsoup first reads
    stream = Ref<GIOStream>::adopt(
        g_tls_server_connection_new(stream.get(), certificate_.get(), nullptr));
    if (!stream)
      return;
  }
  expectRequest(socket.get(), limits_.first_request);
  // What libsoup keeps of ours as long as the connection is the address.
  g_object_set_data_full(G_OBJECT(remote.get()), kSocketKey, socket.release(),
                         [](gpointer kept) { Ref<GSocket>::adopt(static_cast<GSocket*>(kept)); });
  soup_server_accept_iostream(soup_.get(), stream.get(), local.get(), remote.get(), nullptr);
}

GSocket* socketOf(SoupServerMessage* message) {
  GSocketAddress* remote = soup_server_message_get_remote_address(message);
  if (!remote)
    return nullptr;
  return static_cast<GSocket*>(g_object_get_data(G_OBJECT(remote), kSocketKey));
}

std::optional<std::string> requestHeader(SoupServerMessage* message, const char* name) {
  const char* value =
      soup_message_headers_get_one(soup_server_message_get_request_headers(message), name);
  return value ? std::optional<std::string>(value) : std::nullopt;
}

std::string bearerOf(SoupServerMessage* message) {
  constexpr std::string_view kScheme = "Bearer ";
  const std::string header = requestHeader(message, "Authorization").value_or("");
  if (g_ascii_strncasecmp(header.c_str(), kScheme.data(), kScheme.size()) != 0)
    return "";
  return header.substr(std::min(header.find_first_not_of(' ', kScheme.size()), header.size()));
}

std::string bodyOf(SoupServerMessage* message) {
  const auto bytes =
      Ref<GBytes>::adopt(soup_message_body_flatten(soup_server_message_get_request_body(message)));
  gsize size = 0;
  const auto* data = static_cast<const char*>(g_bytes_get_data(bytes.get(), &size));
  return {data ? data : "", size};
}

bool namesThisMachine(SoupServerMessage* message) {
  const char* host = g_uri_get_host(soup_server_message_get_uri(message));
  if (!host)
    return false;
  const auto ip = Ref<GInetAddress>::adopt(g_inet_address_new_from_string(host));
  return ip ? g_inet_address_get_is_loopback(ip.get()) != FALSE
            : g_ascii_strcasecmp(host, "localhost") == 0;
}

void setHeader(SoupServerMessage* message, const char* name, const std::string& value) {
  soup_message_headers_replace(soup_server_message_get_response_headers(message), name,
                               value.c_str());
}

void answerRequest(SoupServerMessage* message, guint status, const char* type,
                   const std::string& body) {
  soup_server_message_set_status(message, status, nullptr);
  soup_server_message_set_response(message, type, SOUP_MEMORY_COPY, body.data(), body.size());
}

HeldPoll::HeldPoll(Loop& loop, SoupServerMessage* message, std::function<void()> on_aborted)
    : message_(Ref<SoupServerMessage>::share(message)), on_aborted_(std::move(on_aborted)) {
  // The status keeps libsoup from trying a WebSocket handshake on it.
  soup_server_message_set_status(message, SOUP_STATUS_OK, nullptr);
  soup_server_message_pause(message);
  on_finished_ = connect<void(SoupServerMessage*)>(message, "finished", [this](auto*) {
    message_.reset();  // libsoup gave up on it: there is nobody to answer
    abort();
  });
  // Readable and nothing to read is end of file.
  GSocket* socket = socketOf(message);
  auto source = Ref<GSource>::adopt(g_socket_create_source(socket, G_IO_IN, nullptr));
  g_source_set_callback(source.get(), G_SOURCE_FUNC(&HeldPoll::onReadable), this, nullptr);
  g_source_attach(source.get(), loop.context());
  watch_ = Timer(std::move(source));
}

HeldPoll::~HeldPoll() {
  if (message_)
    answer("");
}

void HeldPoll::answer(const std::string& body) {
  on_finished_.disconnect();
  watch_.cancel();
  soup_server_message_set_response(message_.get(), "text/plain; charset=UTF-8", SOUP_MEMORY_COPY,
                                   body.data(), body.size());
  soup_server_message_unpause(message_.get());
  message_.reset();
}

gboolean HeldPoll::onReadable(GSocket* socket, GIOCondition, gpointer data) {
  char byte = 0;
  const bool is_open = recv(g_socket_get_fd(socket), &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
  auto* self = static_cast<HeldPoll*>(data);
  if (is_open)
    self->watch_.cancel();  // a pipelined request, for libsoup to read after the answer
  else
    self->abort();
  return G_SOURCE_REMOVE;
}

void HeldPoll::abort() {
  const auto on_aborted = on_aborted_;  // we may be destroyed in it
  on_aborted();
}

}  // namespace turnout
