#include "bots/signaling/client/engine_client.h"

#include "bots/signaling/client/frame_socket.h"
#include "pipelines/base/http/http_client.h"

#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace turnout {
namespace {

constexpr std::size_t kMaxIncoming = 16 << 20;  // bytes of a message, or of the answer to a poll
constexpr std::size_t kMostCookies = 64;

//   phase       packets to the server go     leaves by
//   kOpening    nowhere                      handshake -> kPolling or kWebSocket
//   kPolling    in posts                     WebSocket beside it is open -> kProbing
//   kProbing    in posts                     "3probe" -> kPausing; its end -> kPolling
//   kPausing    into the buffer              no request under way -> kWebSocket;
//                                            its end -> kPolling
//   kWebSocket  as frames                    its end -> kClosed
//   kClosing    nowhere; the last post is    its answer, or kCloseWithin -> kClosed
//               under way
//   kClosed     nowhere
enum class Phase { kOpening, kPolling, kProbing, kPausing, kWebSocket, kClosing, kClosed };

constexpr Duration kCloseWithin = 2s;  // for what we still have to say by a post

class SoupEngineClient final : public EngineClient {
 public:
  SoupEngineClient(Loop& loop, const Options& options, Handlers handlers);
  ~SoupEngineClient() override { release(); }
  void start();

  void send(EnginePacket message) override;
  void finish() override;
  void reset() override;
  void setPaused(bool is_paused) override;
  Transport transport() const override {
    return phase_ == Phase::kWebSocket ? Transport::kWebSocket : Transport::kPolling;
  }
  const std::string& sessionId() const override { return handshake_.sid; }

 private:
  bool isOfThree() const { return options_.protocol == EngineProtocol::kThree; }
  std::string urlFor(const char* transport) const;
  std::vector<HttpHeader> headers() const;
  void keepCookies(const std::vector<Secret>& cookies);
  void poll();
  void post();
  using OnBody = void (SoupEngineClient::*)(std::string_view);
  std::unique_ptr<HttpClient::Pending> request(HttpRequest request, OnBody on_body);
  void onAnswer(const HttpClient::Answer& answer, OnBody on_body);
  void onPolled(std::string_view body);
  void onPosted(std::string_view body);
  void openWebSocket();
  void onWebSocket();
  void onFrame(std::string_view data, bool is_binary);
  void onWebSocketGone(const std::string& why);
  void finishUpgrade();
  void settleOnWebSocket();

  void receive(const EnginePacket& packet);
  void onHandshake(const std::string& json);
  void sendFrame(const EnginePacket& packet);
  void watchForPings();
  void ping();
  void close(const std::string& why);
  void release();

  Loop& loop_;
  const Options options_;
  const Result<std::string> origin_;
  const Handlers handlers_;
  Phase phase_ = Phase::kOpening;
  EngineHandshake handshake_;
  std::vector<Secret> cookies_;       // "name=value"
  std::vector<EnginePacket> buffer_;  // for the next post, or for the WebSocket after the upgrade
  std::optional<HttpClient> http_;    // of its own: bots share nothing, not even a TCP connection
  std::unique_ptr<HttpClient::Pending> polling_, posting_;  // requests under way
  std::unique_ptr<FrameSocket> socket_;
  bool is_paused_ = false;
  std::deque<std::function<void()>> held_answers_;  // of polls and posts
  Timer ping_watch_, next_ping_;
};

SoupEngineClient::SoupEngineClient(Loop& loop, const Options& options, Handlers handlers)
    : loop_(loop),
      options_(options),
      origin_(engineOrigin(options.url)),
      handlers_(std::move(handlers)),
      cookies_(options.cookies) {
  // No proxy: it is the signaling server that is measured. A poll may rightly wait for long.
  http_.emplace(loop_, HttpClient::Options{.timeout = Duration::max(),
                                           .largest_body = kMaxIncoming,
                                           .accept = nullptr,
                                           .goes_direct = true,
                                           .tls = options_.tls});
}

void SoupEngineClient::start() {
  if (!origin_)
    close("signaling URL: " + origin_.error().what);
  else if (options_.start == EngineStart::kWebSocket)
    openWebSocket();
  else
    poll();
}

std::string SoupEngineClient::urlFor(const char* transport) const {
  std::string url =
      *origin_ + options_.path + (isOfThree() ? "?EIO=3" : "?EIO=4") + "&transport=" + transport;
  if (!options_.query.empty())
    url += "&" + options_.query;
  if (isOfThree() && transport == std::string_view("polling"))
    url += "&b64=1";  // text alone
  return handshake_.sid.empty()
             ? url
             : url + "&sid=" +
                   Owned<char>(g_uri_escape_string(handshake_.sid.c_str(), nullptr, FALSE)).get();
}

std::vector<HttpHeader> SoupEngineClient::headers() const {
  std::vector<HttpHeader> headers = options_.headers;
  std::string cookies;
  for (const Secret& cookie : cookies_)
    cookies += (cookies.empty() ? "" : "; ") + cookie.reveal();
  if (!cookies.empty())
    headers.push_back({"Cookie", Secret(std::move(cookies))});
  return headers;
}

// One that is set again replaces its former value.
void SoupEngineClient::keepCookies(const std::vector<Secret>& cookies) {
  const auto name = [](const Secret& cookie) {
    return cookie.reveal().substr(0, cookie.reveal().find('='));
  };
  for (const Secret& cookie : cookies) {
    std::erase_if(cookies_, [&](const Secret& old) { return name(old) == name(cookie); });
    if (cookies_.size() < kMostCookies)
      cookies_.push_back(cookie);
  }
}

std::unique_ptr<HttpClient::Pending> SoupEngineClient::request(HttpRequest request,
                                                               OnBody on_body) {
  request.url = Secret(urlFor("polling"));
  request.headers = headers();
  return http_->send(request, [this, on_body](const HttpClient::Answer& answer) {
    if (is_paused_)
      held_answers_.push_back([this, answer, on_body] { onAnswer(answer, on_body); });
    else
      onAnswer(answer, on_body);
  });
}

void SoupEngineClient::onAnswer(const HttpClient::Answer& answer, OnBody on_body) {
  if (const auto* failure = std::get_if<HttpFailure>(&answer))
    return close(failure->what);
  const auto& response = std::get<HttpResponse>(answer);
  if (response.status != 200)
    return close("HTTP " + std::to_string(response.status) + " " + response.body.substr(0, 120));
  keepCookies(response.cookies);
  (this->*on_body)(response.body);
}

void SoupEngineClient::poll() {
  polling_ = request({}, &SoupEngineClient::onPolled);
}

void SoupEngineClient::onPolled(std::string_view body) {
  polling_.reset();
  const auto packets = decodeEnginePayload(body, options_.protocol);
  if (!packets)
    return close(packets.error().what);
  for (const auto& packet : *packets)
    receive(packet);
  if (phase_ == Phase::kOpening)
    close("the server's first answer was no handshake");
  else if (phase_ == Phase::kPausing)
    finishUpgrade();
  else if (phase_ == Phase::kPolling || phase_ == Phase::kProbing)
    poll();
}

void SoupEngineClient::post() {
  if (posting_ || buffer_.empty() || is_paused_)
    return;
  std::size_t size = 0;
  auto end = buffer_.begin();
  for (; end != buffer_.end(); ++end) {
    size += end->data.size() + 2;
    if (size > handshake_.max_payload && end != buffer_.begin())
      break;
  }
  std::string body = encodeEnginePayload({buffer_.begin(), end}, options_.protocol);
  buffer_.erase(buffer_.begin(), end);
  posting_ = request({.method = "POST",
                      .url = {},
                      .content_type = "text/plain;charset=UTF-8",
                      .body = Secret(std::move(body))},
                     &SoupEngineClient::onPosted);
}

void SoupEngineClient::onPosted(std::string_view) {
  posting_.reset();
  if (phase_ == Phase::kPausing)
    finishUpgrade();
  else if (phase_ == Phase::kClosing && buffer_.empty())
    close("closed by us");
  else
    post();
}

void SoupEngineClient::openWebSocket() {
  socket_ = std::make_unique<FrameSocket>(
      loop_,
      WebSocketDial::Options{.url = urlFor("websocket"),
                             .limits = {.message = kMaxIncoming},
                             .headers = headers(),
                             .tls = options_.tls},
      FrameSocket::Handlers{
          [this] { onWebSocket(); },
          [this](std::string_view data, bool is_binary) { onFrame(data, is_binary); },
          [this](const std::string& why) { onWebSocketGone(why); }});
  socket_->setPaused(is_paused_);
}

void SoupEngineClient::onWebSocket() {
  if (phase_ == Phase::kPolling) {
    phase_ = Phase::kProbing;
    sendFrame({EnginePacketType::kPing, "probe"});
  }
}

void SoupEngineClient::onFrame(std::string_view data, bool is_binary) {
  // Of protocol 3 a binary frame begins with the type of its packet, as a byte.
  if (is_binary && isOfThree() && !data.empty())
    data.remove_prefix(1);
  auto packet = is_binary ? EnginePacket{EnginePacketType::kMessage, std::string(data), true}
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
  const bool was_attempt =
      phase_ == Phase::kPolling || phase_ == Phase::kProbing || phase_ == Phase::kPausing;
  if (!was_attempt)
    return close(why);
  const bool was_paused = phase_ == Phase::kPausing;
  phase_ = Phase::kPolling;
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
      if (phase_ != Phase::kOpening && phase_ != Phase::kClosing && phase_ != Phase::kClosed)
        handlers_.on_message(packet);
      return;
    case EnginePacketType::kPong:
      if (isOfThree())
        watchForPings();
      return;
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
  if (phase_ == Phase::kPolling && handshake_.offersWebSocket() &&
      options_.start == EngineStart::kPollingThenUpgrade)
    openWebSocket();
}

// Of protocol 3 the next ping of ours, with its pong, is due within the same time.
void SoupEngineClient::watchForPings() {
  const auto limit = handshake_.ping_interval + handshake_.ping_timeout;
  ping_watch_ = loop_.after(limit, [this] {
    close(isOfThree() ? "the server does not answer pings" : "no ping from the server");
  });
  if (isOfThree())
    next_ping_ = loop_.after(handshake_.ping_interval, [this] { ping(); });
}

void SoupEngineClient::ping() {
  send({EnginePacketType::kPing, ""});
}

void SoupEngineClient::send(EnginePacket message) {
  if (phase_ == Phase::kOpening || phase_ == Phase::kClosing || phase_ == Phase::kClosed)
    return;
  if (phase_ == Phase::kWebSocket)
    return sendFrame(message);
  buffer_.push_back(std::move(message));
  if (phase_ != Phase::kPausing)
    post();
}

void SoupEngineClient::finish() {
  if (phase_ == Phase::kWebSocket)
    return socket_->close();
  if (phase_ == Phase::kClosing)
    return;
  if (phase_ == Phase::kOpening || phase_ == Phase::kClosed)
    return close("closed by us");
  send({EnginePacketType::kClose, ""});
  phase_ = Phase::kClosing;
  socket_.reset();  // an upgrade that was under way
  post();
  ping_watch_ = loop_.after(kCloseWithin, [this] { close("closed by us"); });
}

void SoupEngineClient::reset() {
  if (socket_)
    socket_->reset();
  release();
}

void SoupEngineClient::setPaused(bool is_paused) {
  is_paused_ = is_paused;
  if (is_paused_) {
    if (socket_)
      socket_->setPaused(true);
    return;
  }
  for (const auto& answer : std::exchange(held_answers_, {}))
    if (phase_ != Phase::kClosed)
      answer();
  if (phase_ != Phase::kClosed && phase_ != Phase::kWebSocket)
    post();
  if (socket_)
    socket_->setPaused(false);
}

void SoupEngineClient::sendFrame(const EnginePacket& packet) {
  if (socket_)
    socket_->send(encodeEnginePacket(packet));
}

void SoupEngineClient::close(const std::string& why) {
  if (phase_ == Phase::kClosed)
    return;
  const std::string kept = phase_ == Phase::kClosing ? "closed by us" : why;
  release();
  handlers_.on_close(kept);
}

void SoupEngineClient::release() {
  const OnLoopContext on_loop(loop_);
  phase_ = Phase::kClosed;
  ping_watch_.cancel();
  next_ping_.cancel();
  socket_.reset();
  polling_.reset();
  posting_.reset();
  http_.reset();
}

}  // namespace

std::shared_ptr<EngineClient> EngineClient::open(Loop& loop, const Options& options,
                                                 Handlers handlers) {
  auto client = std::make_shared<SoupEngineClient>(loop, options, std::move(handlers));
  client->start();
  return client;
}

}  // namespace turnout
