#include "bots/signaling/server/signaling_server.h"

#include "bots/signaling/server/browser_pages.h"
#include "bots/signaling/server/socket_session.h"
#include "pipelines/base/log.h"

#include <unordered_map>

namespace turnout {
namespace {

std::string randomId() {
  return Owned<char>(g_uuid_string_random()).get();
}

class SocketIoSignalingServer final : public SignalingServer {
 public:
  SocketIoSignalingServer(Loop& loop, SignalingServerOptions options)
      : loop_(loop), options_(std::move(options)), app_(options_.app) {}

  Result<Done> start();
  int port() const override { return engine_->port(); }
  std::string url() const override;
  Stats stats() const override;

 private:
  void onOpen(const std::string& sid);
  void onMessage(const std::string& sid, const EnginePacket& message);
  void onClose(const std::string& sid, const std::string& why);

  void take(const std::string& sid, const SocketSession::Reply& action, std::size_t size);
  void take(const std::string& sid, const SocketSession::Entered& action, std::size_t size);
  void take(const std::string& sid, const SocketSession::Refused& action, std::size_t size);
  void take(const std::string& sid, const SocketSession::Event& action, std::size_t size);
  void take(const std::string& sid, const SocketSession::Left& action, std::size_t size);
  void take(const std::string& sid, const SocketSession::Broken& action, std::size_t size);

  void depart(const std::string& id, Gone how);
  void carryOut(const SignalingApp::Outcome& outcome);
  void send(const std::string& sid, std::string text);
  void schedule();

  Loop& loop_;
  const SignalingServerOptions options_;
  SignalingApp app_;
  std::uint64_t broken_ = 0, bad_tokens_ = 0;
  std::unordered_map<std::string, SocketSession> sockets_;      // by Engine.IO session id
  std::unordered_map<std::string, std::string> engine_sid_of_;  // by socket id, while inside
  Instant due_ = Instant::max();                                // when timer_ fires
  Timer timer_;
  std::unique_ptr<EngineServer> engine_;
};

Result<Done> SocketIoSignalingServer::start() {
  EngineServer::Handlers handlers;
  handlers.on_open = [this](const std::string& sid) { onOpen(sid); };
  handlers.on_message = [this](const std::string& sid, const EnginePacket& message) {
    onMessage(sid, message);
  };
  handlers.on_close = [this](const std::string& sid, const std::string& why) { onClose(sid, why); };
  handlers.pages = browserPages();
  handlers.pages.push_back({"/metrics",
                            "text/plain; version=0.0.4; charset=utf-8",
                            [this] { return metricsOf(stats(), options_.app.bugs); },
                            {},
                            options_.token});
  handlers.endpoints = options_.endpoints;
  auto engine = EngineServer::start(loop_, options_.engine, std::move(handlers));
  if (!engine)
    return engine.error();
  engine_ = *std::move(engine);
  for (const PlantedBug bug : options_.app.bugs)
    log(LogLevel::kWarning, "signaling",
        std::string("makes a mistake on purpose: ") + toString(bug));
  return Done{};
}

std::string SocketIoSignalingServer::url() const {
  const std::string& address = options_.engine.address;
  const bool is_v6 = address.find(':') != std::string::npos;
  return "http://" + (is_v6 ? "[" + address + "]" : address) + ":" + std::to_string(port());
}

SignalingServer::Stats SocketIoSignalingServer::stats() const {
  return {engine_->stats(),        app_.stats(), app_.census(),
          engine_->sessionCount(), broken_,      bad_tokens_};
}

void SocketIoSignalingServer::onOpen(const std::string& sid) {
  // The Engine.IO id opens the session to whoever knows it; others only ever see this one.
  sockets_.emplace(sid, SocketSession(randomId(), options_.token));
}

void SocketIoSignalingServer::onMessage(const std::string& sid, const EnginePacket& message) {
  for (const auto& action : sockets_.at(sid).take(message))
    std::visit([&](const auto& a) { take(sid, a, message.data.size()); }, action);
}

void SocketIoSignalingServer::onClose(const std::string& sid, const std::string& why) {
  log(LogLevel::kDebug, "signaling", "session closed: " + why);
  const auto socket = sockets_.extract(sid);
  depart(socket.mapped().id(), why == EngineSession::kGoodbye ? Gone::kLeft : Gone::kLost);
}

void SocketIoSignalingServer::take(const std::string& sid, const SocketSession::Reply& action,
                                   std::size_t) {
  send(sid, action.text);
}

void SocketIoSignalingServer::take(const std::string& sid, const SocketSession::Entered&,
                                   std::size_t) {
  const auto socket = sockets_.find(sid);
  if (socket == sockets_.end())  // closed by the reply: it does not read
    return;
  engine_sid_of_.emplace(socket->second.id(), sid);
  carryOut(app_.onConnected(now(), socket->second.id(), Secret(randomId())));
}

void SocketIoSignalingServer::take(const std::string&, const SocketSession::Refused&, std::size_t) {
  bad_tokens_++;
}

void SocketIoSignalingServer::take(const std::string& sid, const SocketSession::Event& action,
                                   std::size_t size) {
  const SocketPacket& packet = action.packet;
  const std::string name = packet.eventName(), id = sockets_.at(sid).id();
  const auto arguments = packet.arguments();
  const auto content =
      packet.isBinary() ? SignalingApp::Content::kBinary : SignalingApp::Content::kJson;
  const auto outcome = app_.onEvent(now(), id, {name, arguments, size, content});
  if (packet.id)
    send(sid, encodeSocketPacket(SocketPacketType::kAck, packet.nsp, packet.id,
                                 "[" + outcome.ack + "]"));
  carryOut(outcome);
}

void SocketIoSignalingServer::take(const std::string& sid, const SocketSession::Left&,
                                   std::size_t) {
  depart(sockets_.at(sid).id(), Gone::kLeft);
}

void SocketIoSignalingServer::take(const std::string& sid, const SocketSession::Broken& action,
                                   std::size_t) {
  broken_++;
  depart(sockets_.at(sid).id(), Gone::kClosed);
  engine_->close(sid, action.why);
}

// Whatever it is heard of first is how it went.
void SocketIoSignalingServer::depart(const std::string& id, Gone how) {
  if (engine_sid_of_.erase(id) > 0)
    carryOut(app_.onGone(now(), id, how));
}

void SocketIoSignalingServer::carryOut(const SignalingApp::Outcome& outcome) {
  for (const auto& emit : outcome.emits)
    if (const auto found = engine_sid_of_.find(emit.to); found != engine_sid_of_.end())
      send(found->second, encodeSocketEvent("/", std::nullopt, emit.event, {emit.argument}));
  for (const auto& close : outcome.closes)
    if (const auto found = engine_sid_of_.find(close.connection); found != engine_sid_of_.end()) {
      const std::string sid = found->second;
      depart(close.connection, Gone::kClosed);
      engine_->close(sid, close.why);
    }
  schedule();
}

void SocketIoSignalingServer::send(const std::string& sid, std::string text) {
  engine_->send(sid, {EnginePacketType::kMessage, std::move(text)});
}

void SocketIoSignalingServer::schedule() {
  const Instant due = app_.deadline();
  if (due == due_)
    return;
  due_ = due;
  timer_.cancel();
  if (due == Instant::max())
    return;
  timer_ = loop_.at(due, [this] {
    due_ = Instant::max();
    carryOut(app_.onTime(now()));
  });
}

}  // namespace

Result<std::unique_ptr<SignalingServer>> SignalingServer::start(Loop& loop,
                                                                SignalingServerOptions options) {
  auto server = std::make_unique<SocketIoSignalingServer>(loop, std::move(options));
  if (auto started = server->start(); !started)
    return started.error();
  return std::unique_ptr<SignalingServer>(std::move(server));
}

}  // namespace turnout
