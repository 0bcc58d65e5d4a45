#include "bots/signaling/client/engine_client.h"

#include "pipelines/base/http/http_client.h"
#include "pipelines/base/http/web_socket.h"
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
constexpr std::size_t kMaxIncoming = 16 << 20;  // bytes of a message, or of the answer to a poll

// Closes the TCP socket under `stream` so that the far end sees a reset (SO_LINGER of zero).
void resetConnection(GIOStream* stream) {
  GSocket* socket = socketUnder(stream);
  if (!socket)
    return;
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  setsockopt(g_socket_get_fd(socket), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  g_socket_close(socket, nullptr);
}

//   phase       packets to the server go     leaves by
//   kOpening    nowhere                      handshake -> kPolling or kWebSocket
//   kPolling    in posts                     WebSocket beside it is open -> kProbing
//   kProbing    in posts                     "3probe" -> kPausing; its end -> kPolling
//   kPausing    into the buffer              no request under way -> kWebSocket;
//                                            its end -> kPolling
//   kWebSocket  as frames                    its end -> kClosed
//   kClosed     nowhere
enum class Phase { kOpening, kPolling, kProbing, kPausing, kWebSocket, kClosed };

class SoupEngineClient final : public EngineClient {
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
  std::unique_ptr<HttpClient::Pending> request(const HttpRequest& request,
                                               void (SoupEngineClient::*on_body)(std::string_view));
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
  const Result<std::string> origin_;
  const std::string path_;
  const Handlers handlers_;
  Phase phase_ = Phase::kOpening;
  EngineHandshake handshake_;
  std::vector<EnginePacket> buffer_;  // for the next post, or for the WebSocket after the upgrade
  std::optional<HttpClient> http_;    // of its own: bots share nothing, not even a TCP connection
  std::unique_ptr<HttpClient::Pending> polling_, posting_;  // requests under way
  std::unique_ptr<WebSocketDial> dial_;
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
      origin_(engineOrigin(options.url)),
      path_(options.path),
      handlers_(std::move(handlers)) {
  // No proxy: it is the signaling server that is measured. A poll may rightly wait for long.
  http_.emplace(loop_, HttpClient::Options{.timeout = Duration::max(),
                                           .largest_body = kMaxIncoming,
                                           .accept = nullptr,
                                           .goes_direct = true});
}

void SoupEngineClient::start(EngineClient::Start start) {
  if (!origin_)
    close("signaling URL: " + origin_.error().what);
  else if (start == EngineClient::Start::kWebSocket)
    openWebSocket();
  else
    poll();
}

std::string SoupEngineClient::urlFor(const char* transport) const {
  const std::string url = *origin_ + path_ + "?EIO=4&transport=" + transport;
  return handshake_.sid.empty()
             ? url
             : url + "&sid=" +
                   Owned<char>(g_uri_escape_string(handshake_.sid.c_str(), nullptr, FALSE)).get();
}

std::unique_ptr<HttpClient::Pending> SoupEngineClient::request(
    const HttpRequest& request, void (SoupEngineClient::*on_body)(std::string_view)) {
  return http_->send(request, [this, on_body](const HttpClient::Answer& answer) {
    if (const auto* failure = std::get_if<HttpFailure>(&answer))
      return close(failure->what);
    const auto& response = std::get<HttpResponse>(answer);
    if (response.status != 200)
      return close("HTTP " + std::to_string(response.status) + " " + response.body.substr(0, 120));
    (this->*on_body)(response.body);
  });
}

void SoupEngineClient::poll() {
  polling_ = request({.url = Secret(urlFor("polling"))}, &SoupEngineClient::onPolled);
}

void SoupEngineClient::onPolled(std::string_view body) {
  polling_.reset();
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
  std::string body = encodeEnginePayload({buffer_.begin(), end});
  buffer_.erase(buffer_.begin(), end);
  posting_ = request({.method = "POST",
                      .url = Secret(urlFor("polling")),
                      .content_type = "text/plain;charset=UTF-8",
                      .body = Secret(std::move(body))},
                     &SoupEngineClient::onPosted);
}

void SoupEngineClient::onPosted(std::string_view) {
  posting_.reset();
  if (phase_ == Phase::kPausing)
    finishUpgrade();
  else
    post();
}

void SoupEngineClient::openWebSocket() {
  dial_ = std::make_unique<WebSocketDial>(
      loop_, urlFor("websocket"), FrameMeter::Limits{.message = kMaxIncoming},
      WebSocketDial::Handlers{[this](Ref<SoupSocket> socket) { onWebSocket(std::move(socket)); },
                              [this](const std::string& why) { onWebSocketGone(why); }});
}

void SoupEngineClient::onWebSocket(Ref<SoupSocket> socket) {
  dial_.reset();
  socket_ = std::move(socket);
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
  http_.reset();
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
  dial_.reset();
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
  dial_.reset();
  socket_.reset();
  polling_.reset();
  posting_.reset();
  http_.reset();
}

}  // namespace

std::shared_ptr<EngineClient> EngineClient::open(Loop& loop, const Options& options,
                                                 Handlers handlers) {
  auto client = std::make_shared<SoupEngineClient>(loop, options, std::move(handlers));
  client->start(options.start);
  return client;
}

}  // namespace turnout
