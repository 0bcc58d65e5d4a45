#include "bots/signaling/client/engine_client.h"

#include "pipelines/base/http/soup_call.h"
#include "pipelines/base/signal.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gio/gio.h>
#include <sys/socket.h>

namespace turnout {
namespace {

using SoupSocket = SoupWebsocketConnection;
constexpr guint64 kMaxIncomingMessage = 16 << 20;  // bytes

// "http://host:port" of any of the four schemes; empty when it is something else.
std::string httpOrigin(const std::string& url) {
  const Owned<GUri> uri(g_uri_parse(url.c_str(), G_URI_FLAGS_NONE, nullptr));
  if (!uri || !g_uri_get_host(uri.get()) || !*g_uri_get_host(uri.get()))
    return {};
  const std::string scheme = g_uri_get_scheme(uri.get());
  const std::string path = g_uri_get_path(uri.get());
  const bool is_plain = scheme == "http" || scheme == "ws";
  const bool is_tls = scheme == "https" || scheme == "wss";
  if ((!is_plain && !is_tls) || (path != "" && path != "/") || g_uri_get_query(uri.get()))
    return {};
  return Owned<char>(g_uri_join(G_URI_FLAGS_NONE, is_tls ? "https" : "http", nullptr,
                                g_uri_get_host(uri.get()), g_uri_get_port(uri.get()), "", nullptr,
                                nullptr))
      .get();
}

// Closes the TCP socket under `stream` so that the far end sees a reset (SO_LINGER of zero).
void resetConnection(GIOStream* stream) {
  Ref<GIOStream> base = Ref<GIOStream>::share(stream);
  if (G_IS_TLS_CONNECTION(stream)) {
    GIOStream* inner = nullptr;
    g_object_get(stream, "base-io-stream", &inner, nullptr);
    base = Ref<GIOStream>::adopt(inner);
  }
  if (!G_IS_SOCKET_CONNECTION(base.get()))
    return;
  GSocket* socket = g_socket_connection_get_socket(G_SOCKET_CONNECTION(base.get()));
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  setsockopt(g_socket_get_fd(socket), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  g_socket_close(socket, nullptr);
}

//   phase       packets to the server go     leaves by
//   kOpening    nowhere                      handshake -> kPolling or kWebSocket
//   kPolling    in posts                     WebSocket beside it is open -> kProbing
//   kProbing    in posts                     "3probe" -> kPausing; its end -> kPolling
//   kPausing    into the buffer              no request under way -> kWebSocket; its end ->
//   kPolling kWebSocket  as frames                    its end -> kClosed kClosed     nowhere
enum class Phase { kOpening, kPolling, kProbing, kPausing, kWebSocket, kClosed };

class SoupEngineClient final : public EngineClient,
                               public std::enable_shared_from_this<SoupEngineClient> {
 public:
  SoupEngineClient(Loop& loop, const Options& options, Handlers handlers);
  ~SoupEngineClient() override { release(); }
  void start(EngineClient::Start start);

  void send(EnginePacket message) override;
  void finish() override;
  void reset() override;
  void setPaused(bool is_paused) override;
  Transport transport() const override {
    return phase_ == Phase::kWebSocket ? Transport::kWebSocket : Transport::kPolling;
  }

 private:
  std::string urlFor(const char* transport) const;
  void poll();
  void post();
  void request(SoupMessage* message, void (SoupEngineClient::*on_body)(std::string_view));
  void onPolled(std::string_view body);
  void onPosted(std::string_view body);
  void openWebSocket();
  void onWebSocket(Ref<SoupSocket> socket);
  void onFrame(gint type, std::string_view data);
  void onWebSocketGone(const std::string& why);
  void finishUpgrade();
  void settleOnWebSocket();

  void receive(const EnginePacket& packet);
  void onHandshake(const std::string& json);
  void sendFrame(const EnginePacket& packet);
  void watchForPings();
  void close(const std::string& why);
  void release();

  Loop& loop_;
  const std::string origin_, path_;
  const Handlers handlers_;
  Phase phase_ = Phase::kOpening;
  EngineHandshake handshake_;
  std::vector<EnginePacket> buffer_;  // for the next post, or for the WebSocket after the upgrade
  bool polling_ = false, posting_ = false;  // a request is under way
  Ref<SoupSession> session_;
  Ref<GCancellable> cancellable_;
  Ref<SoupSocket> socket_;
  SignalConnection on_frame_, on_error_, on_closed_;
  bool is_paused_ = false;
  std::vector<EnginePacket> held_sends_;
  std::vector<std::pair<gint, std::string>> held_frames_;
  std::optional<std::string> held_close_;
  Timer ping_watch_;
};

SoupEngineClient::SoupEngineClient(Loop& loop, const Options& options, Handlers handlers)
    : loop_(loop),
      origin_(httpOrigin(options.url)),
      path_(options.path),
      handlers_(std::move(handlers)),
      cancellable_(Ref<GCancellable>::adopt(g_cancellable_new())) {
  const OnLoopContext on_loop(loop_);
  // A session each: bots share nothing, not even a TCP connection. No proxy: it is the signaling
  // server that is measured. No time-out of libsoup's: a poll may rightly wait for long.
  session_ = Ref<SoupSession>::adopt(
      soup_session_new_with_options("timeout", 0u, "max-conns-per-host", 6, "proxy-resolver",
                                    nullptr, "user-agent", "turnout ", nullptr));
  soup_session_remove_feature_by_type(session_.get(), SOUP_TYPE_CONTENT_DECODER);
}

void SoupEngineClient::start(EngineClient::Start start) {
  if (origin_.empty())
    close("not a signaling URL; write http://host:port");
  else if (start == EngineClient::Start::kWebSocket)
    openWebSocket();
  else
    poll();
}

std::string SoupEngineClient::urlFor(const char* transport) const {
  const std::string url = origin_ + path_ + "?EIO=4&transport=" + transport;
  return handshake_.sid.empty()
             ? url
             : url + "&sid=" +
                   Owned<char>(g_uri_escape_string(handshake_.sid.c_str(), nullptr, FALSE)).get();
}

void SoupEngineClient::request(SoupMessage* message,
                               void (SoupEngineClient::*on_body)(std::string_view)) {
  const OnLoopContext on_loop(loop_);
  soup_session_send_and_read_async(
      session_.get(), message, G_PRIORITY_DEFAULT, cancellable_.get(), callReady,
      asCallData([weak = weak_from_this(), on_body, message = Ref<SoupMessage>::share(message)](
                     GObject* session, GAsyncResult* result) {
        Owned<GError> error;
        const auto body = Ref<GBytes>::adopt(
            soup_session_send_and_read_finish(SOUP_SESSION(session), result, error.out()));
        const auto self = weak.lock();
        if (!self || self->phase_ == Phase::kClosed)
          return;
        if (error)
          return self->close(error->message);
        gsize size = 0;
        const auto* data = static_cast<const char*>(g_bytes_get_data(body.get(), &size));
        const std::string_view text(size ? data : "", size);
        if (const guint status = soup_message_get_status(message.get()); status != 200)
          return self->close("HTTP " + std::to_string(status) + " " +
                             std::string(text.substr(0, 120)));
        (self.get()->*on_body)(text);
      }));
}

void SoupEngineClient::poll() {
  polling_ = true;
  const auto message = Ref<SoupMessage>::adopt(soup_message_new("GET", urlFor("polling").c_str()));
  request(message.get(), &SoupEngineClient::onPolled);
}

void SoupEngineClient::onPolled(std::string_view body) {
  polling_ = false;
  const auto packets = decodeEnginePayload(body);
  if (!packets)
    return close(packets.error().what);
  for (const auto& packet : *packets)
    receive(packet);
  if (phase_ == Phase::kOpening)
    close("the server's first answer was no handshake");
  else if (phase_ == Phase::kPausing)
    finishUpgrade();
  else if (phase_ != Phase::kClosed && phase_ != Phase::kWebSocket)
    poll();
}

void SoupEngineClient::post() {
  if (posting_ || buffer_.empty())
    return;
  std::size_t size = 0;
  auto end = buffer_.begin();
  for (; end != buffer_.end(); ++end) {
    size += end->data.size() + 2;
    if (size > handshake_.max_payload && end != buffer_.begin())
      break;
  }
  const std::string body = encodeEnginePayload({buffer_.begin(), end});
  buffer_.erase(buffer_.begin(), end);
  posting_ = true;
  const auto message = Ref<SoupMessage>::adopt(soup_message_new("POST", urlFor("polling").c_str()));
  const auto bytes = Ref<GBytes>::adopt(g_bytes_new(body.data(), body.size()));
  soup_message_set_request_body_from_bytes(message.get(), "text/plain;charset=UTF-8", bytes.get());
  request(message.get(), &SoupEngineClient::onPosted);
}

void SoupEngineClient::onPosted(std::string_view) {
  posting_ = false;
  if (phase_ == Phase::kPausing)
    finishUpgrade();
  else
    post();
}

void SoupEngineClient::openWebSocket() {
  const OnLoopContext on_loop(loop_);
  const auto message =
      Ref<SoupMessage>::adopt(soup_message_new("GET", urlFor("websocket").c_str()));
  soup_session_websocket_connect_async(
      session_.get(), message.get(), nullptr, nullptr, G_PRIORITY_DEFAULT, cancellable_.get(),
      callReady, asCallData([weak = weak_from_this()](GObject* session, GAsyncResult* result) {
        Owned<GError> error;
        auto socket = Ref<SoupSocket>::adopt(
            soup_session_websocket_connect_finish(SOUP_SESSION(session), result, error.out()));
        const auto self = weak.lock();
        if (!self || self->phase_ == Phase::kClosed)
          return;
        if (error)
          self->onWebSocketGone(error->message);
        else
          self->onWebSocket(std::move(socket));
      }));
}

void SoupEngineClient::onWebSocket(Ref<SoupSocket> socket) {
  socket_ = std::move(socket);
  soup_websocket_connection_set_max_incoming_payload_size(socket_.get(), kMaxIncomingMessage);
  on_frame_ = connect<void(SoupSocket*, gint, GBytes*)>(
      socket_.get(), "message", [this](SoupSocket*, gint type, GBytes* bytes) {
        gsize size = 0;
        const auto* data = static_cast<const char*>(g_bytes_get_data(bytes, &size));
        if (is_paused_)
          held_frames_.emplace_back(type, std::string(size ? data : "", size));
        else
          onFrame(type, {size ? data : "", size});
      });
  on_error_ = connect<void(SoupSocket*, GError*)>(
      socket_.get(), "error",
      [this](SoupSocket*, GError* error) { onWebSocketGone(error->message); });
  on_closed_ = connect<void(SoupSocket*)>(socket_.get(), "closed", [this](SoupSocket* closed) {
    onWebSocketGone("closed by the server, code " +
                    std::to_string(soup_websocket_connection_get_close_code(closed)));
  });
  if (phase_ == Phase::kPolling) {
    phase_ = Phase::kProbing;
    sendFrame({EnginePacketType::kPing, "probe"});
  }
}

void SoupEngineClient::onFrame(gint type, std::string_view data) {
  auto packet = type == SOUP_WEBSOCKET_DATA_BINARY
                    ? EnginePacket{EnginePacketType::kMessage, std::string(data), true}
                    : decodeEnginePacket(data);
  if (!packet)
    return close(packet.error().what);
  if (phase_ != Phase::kProbing) {
    receive(*packet);
    if (phase_ == Phase::kOpening)
      close("the server's first word was no handshake");
    return;
  }
  if (packet->type != EnginePacketType::kPong || packet->data != "probe")
    return onWebSocketGone("the server did not answer the probe");
  phase_ = Phase::kPausing;
  finishUpgrade();
}

void SoupEngineClient::finishUpgrade() {
  if (polling_ || posting_)
    return;
  settleOnWebSocket();
  sendFrame({EnginePacketType::kUpgrade, ""});
  for (const auto& packet : std::exchange(buffer_, {}))
    sendFrame(packet);
}

// The socket has left the HTTP session, whose idle connections are of no more use.
void SoupEngineClient::settleOnWebSocket() {
  phase_ = Phase::kWebSocket;
  soup_session_abort(session_.get());
  session_.reset();
}

// A WebSocket that was only an attempt to upgrade may go: polling still works.
void SoupEngineClient::onWebSocketGone(const std::string& why) {
  if (is_paused_) {  // of this, too, nothing can be known yet
    held_close_ = why;
    return;
  }
  const bool was_attempt =
      phase_ == Phase::kPolling || phase_ == Phase::kProbing || phase_ == Phase::kPausing;
  if (!was_attempt)
    return close(why);
  const bool was_paused = phase_ == Phase::kPausing;
  phase_ = Phase::kPolling;
  for (auto* signal : {&on_frame_, &on_error_, &on_closed_})
    signal->disconnect();
  socket_.reset();
  if (was_paused && !polling_)
    poll();
  post();
}

void SoupEngineClient::receive(const EnginePacket& packet) {
  switch (packet.type) {
    case EnginePacketType::kOpen:
      onHandshake(packet.data);
      return;
    case EnginePacketType::kClose:
      close("closed by the server");
      return;
    case EnginePacketType::kPing:
      watchForPings();
      send({EnginePacketType::kPong, packet.data});
      return;
    case EnginePacketType::kMessage:
      if (phase_ != Phase::kOpening && phase_ != Phase::kClosed)
        handlers_.on_message(packet);
      return;
    case EnginePacketType::kPong:
    case EnginePacketType::kUpgrade:
    case EnginePacketType::kNoop:
      return;
  }
}

void SoupEngineClient::onHandshake(const std::string& json) {
  if (phase_ != Phase::kOpening)
    return;
  auto handshake = decodeEngineHandshake(json);
  if (!handshake)
    return close(handshake.error().what);
  handshake_ = *std::move(handshake);
  if (socket_)
    settleOnWebSocket();
  else
    phase_ = Phase::kPolling;
  watchForPings();
  handlers_.on_open();
  if (phase_ == Phase::kPolling && handshake_.offersWebSocket())
    openWebSocket();
}

void SoupEngineClient::watchForPings() {
  const auto limit = handshake_.ping_interval + handshake_.ping_timeout;
  ping_watch_ = loop_.after(limit, [this] { close("no ping from the server"); });
}

void SoupEngineClient::send(EnginePacket message) {
  if (phase_ == Phase::kOpening || phase_ == Phase::kClosed)
    return;
  if (phase_ == Phase::kWebSocket)
    return sendFrame(message);
  buffer_.push_back(std::move(message));
  if (phase_ != Phase::kPausing)
    post();
}

void SoupEngineClient::finish() {
  if (phase_ != Phase::kWebSocket)
    return close("closed by us");
  const OnLoopContext on_loop(loop_);
  if (soup_websocket_connection_get_state(socket_.get()) == SOUP_WEBSOCKET_STATE_OPEN)
    soup_websocket_connection_close(socket_.get(), SOUP_WEBSOCKET_CLOSE_NORMAL, nullptr);
}

void SoupEngineClient::reset() {
  if (socket_)
    resetConnection(soup_websocket_connection_get_io_stream(socket_.get()));
  release();
}

void SoupEngineClient::setPaused(bool is_paused) {
  is_paused_ = is_paused;
  if (is_paused_)
    return;
  for (const auto& packet : std::exchange(held_sends_, {}))
    sendFrame(packet);
  for (const auto& [type, data] : std::exchange(held_frames_, {})) {
    if (phase_ != Phase::kClosed)
      onFrame(type, data);
  }
  if (held_close_ && phase_ != Phase::kClosed)
    onWebSocketGone(*held_close_);
}

void SoupEngineClient::sendFrame(const EnginePacket& packet) {
  if (is_paused_) {
    held_sends_.push_back(packet);
    return;
  }
  if (phase_ == Phase::kClosed)
    return;
  if (soup_websocket_connection_get_state(socket_.get()) != SOUP_WEBSOCKET_STATE_OPEN)
    return;  // its "closed" is on the way
  const OnLoopContext on_loop(loop_);
  const std::string text = encodeEnginePacket(packet);
  const auto bytes = Ref<GBytes>::adopt(g_bytes_new(text.data(), text.size()));
  soup_websocket_connection_send_message(socket_.get(), SOUP_WEBSOCKET_DATA_TEXT, bytes.get());
}

void SoupEngineClient::close(const std::string& why) {
  if (phase_ == Phase::kClosed)
    return;
  release();
  handlers_.on_close(why);
}

void SoupEngineClient::release() {
  const OnLoopContext on_loop(loop_);
  phase_ = Phase::kClosed;
  ping_watch_.cancel();
  for (auto* signal : {&on_frame_, &on_error_, &on_closed_})
    signal->disconnect();
  g_cancellable_cancel(cancellable_.get());
  socket_.reset();
  session_.reset();
}

}  // namespace

std::shared_ptr<EngineClient> EngineClient::open(Loop& loop, const Options& options,
                                                 Handlers handlers) {
  auto client = std::make_shared<SoupEngineClient>(loop, options, std::move(handlers));
  client->start(options.start);
  return client;
}

}  // namespace turnout
