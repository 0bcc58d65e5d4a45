#include "bots/signaling/client/app_wire.h"

#include "bots/signaling/client/frame_socket.h"
#include "bots/signaling/client/socket_io_client.h"

#include <map>
#include <optional>

namespace turnout {
namespace {

constexpr std::size_t kLargestMessage = 16 << 20;  // bytes
constexpr Duration kOpenWithin = 20s;

SocketIoClient::Options socketIoOptions(const DialectTransport& transport,
                                        AppWire::Address address) {
  return {
      .engine = {.url = std::move(address.origin),
                 .path = std::move(address.path),
                 .query = std::move(address.query),
                 .headers = std::move(address.headers),
                 .cookies = std::move(address.cookies),
                 .start = address.start,
                 .protocol = transport.engine == 3 ? EngineProtocol::kThree : EngineProtocol::kFour,
                 .tls = std::move(address.tls)},
      .nsp = std::move(address.nsp),
      .auth = std::move(address.auth)};
}

class SocketIoWire final : public AppWire {
 public:
  SocketIoWire(Loop& loop, const DialectTransport& transport, Address address, OnEvent on_event)
      : on_event_(std::move(on_event)),
        client_(loop, socketIoOptions(transport, std::move(address)),
                [this](SocketIoClient::Event event) { onEvent(std::move(event)); }) {}

  void send(const DialectSession::Emit& emit) override {
    if (emit.ack != 0)
      asked_[client_.emitWithAck(emit.event, emit.arguments)] = emit.ack;
    else
      client_.emit(emit.event, emit.arguments);
  }
  void sayGoodbye() override { client_.disconnect(); }
  void closeSocket() override { client_.closeSocket(); }
  void resetSocket() override { client_.resetSocket(); }
  void setPaused(bool is_paused) override { client_.setPaused(is_paused); }

 private:
  // The receiver may destroy us: its function is called last, through a copy.
  void onEvent(SocketIoClient::Event event) {
    auto body = translate(event);
    const OnEvent on_event = on_event_;
    if (body)
      on_event({event.at, *std::move(body)});
  }

  std::optional<decltype(Event::body)> translate(SocketIoClient::Event& event) {
    using Body = std::optional<decltype(Event::body)>;
    return std::visit(
        Overloaded{
            [](SocketIoClient::Connected& in) -> Body { return Connected{std::move(in.id)}; },
            [](SocketIoClient::ConnectRefused& refused) -> Body {
              return TurnedAway{std::move(refused.message)};
            },
            [](SocketIoClient::Message& message) -> Body {
              return DialectSession::Heard{std::move(message.name), std::move(message.arguments)};
            },
            [this](SocketIoClient::Acknowledged& answer) -> Body {
              const auto asked = asked_.extract(answer.id);
              if (asked.empty())
                return std::nullopt;
              return Acknowledged{asked.mapped(), std::move(answer.arguments)};
            },
            [](SocketIoClient::Disconnected& gone) -> Body { return Gone{std::move(gone.why)}; }},
        event.body);
  }

  const OnEvent on_event_;
  std::map<std::uint64_t, std::uint64_t> asked_;  // by the client's number: the session's
  SocketIoClient client_;
};

class WebSocketWire final : public AppWire {
 public:
  WebSocketWire(Loop& loop, const DialectTransport& transport, Address address, OnEvent on_event)
      : sends_binary_(transport.is_binary), events_(loop, std::move(on_event)) {
    std::string cookies;
    for (const Secret& cookie : address.cookies)
      cookies += (cookies.empty() ? "" : "; ") + cookie.reveal();
    if (!cookies.empty())
      address.headers.push_back({"Cookie", Secret(std::move(cookies))});
    socket_ = std::make_unique<FrameSocket>(
        loop,
        WebSocketDial::Options{.url = address.origin + address.path +
                                      (address.query.empty() ? "" : "?") + address.query,
                               .limits = {.message = kLargestMessage},
                               .headers = std::move(address.headers),
                               .subprotocol = transport.subprotocol,
                               .tls = std::move(address.tls)},
        FrameSocket::Handlers{[this] {
                                overdue_.cancel();
                                report(Connected{});
                              },
                              [this](std::string_view data, bool) { onFrame(data); },
                              [this](const std::string& why) { finish(why); }});
    overdue_ = loop.after(kOpenWithin, [this] { finish("no connection in time"); });
  }

  void send(const DialectSession::Emit& emit) override {
    if (socket_ && !emit.arguments.empty())
      socket_->send(emit.arguments.front(), sends_binary_);
  }
  void sayGoodbye() override { closeSocket(); }
  void closeSocket() override {
    if (socket_ && socket_->isOpen())
      socket_->close();
    else if (socket_)
      finish("closed by us");
  }
  void resetSocket() override {
    if (socket_)
      socket_->reset();
  }
  void setPaused(bool is_paused) override {
    if (socket_)
      socket_->setPaused(is_paused);
  }

 private:
  // What is no JSON is a text: some servers say "ping" or "connected" and nothing more.
  void onFrame(std::string_view data) {
    auto value = JsonValue::parse(data);
    if (!value)
      value = JsonValue::parse(JsonWriter().string(data.substr(0, 1000)).text());
    if (value)
      report(DialectSession::Heard{{}, {*std::move(value)}});
  }
  void finish(const std::string& why) {
    overdue_.cancel();
    report(Gone{why});
    socket_.reset();
  }
  void report(decltype(Event::body) body) { events_.sender().send({now(), std::move(body)}); }

  const bool sends_binary_;
  Mailbox<Event> events_;
  Timer overdue_;
  std::unique_ptr<FrameSocket> socket_;
};

}  // namespace

std::unique_ptr<AppWire> AppWire::open(Loop& loop, const DialectTransport& transport,
                                       Address address, OnEvent on_event) {
  if (transport.kind == DialectTransport::Kind::kWebSocket)
    return std::make_unique<WebSocketWire>(loop, transport, std::move(address),
                                           std::move(on_event));
  return std::make_unique<SocketIoWire>(loop, transport, std::move(address), std::move(on_event));
}

}  // namespace turnout
