#include "bots/signaling/signaling_server.h"

#include "bots/signaling/socket_session.h"
#include "pipelines/base/log.h"

#include <unordered_map>

namespace turnout {
namespace {

class RoomSignalingServer final : public SignalingServer {
 public:
  explicit RoomSignalingServer(SignalingServerOptions options)
      : options_(std::move(options)), app_(options_.room_capacity) {}

  Result<Done> start(Loop& loop);
  int port() const override { return engine_->port(); }
  std::string url() const override;
  Stats stats() const override;

 private:
  void onOpen(const std::string& sid);
  void onMessage(const std::string& sid, const EnginePacket& message);
  void onClose(const std::string& sid, const std::string& why);

  void carryOut(const std::string& sid, const SocketSession::Reply& action);
  void carryOut(const std::string& sid, const SocketSession::Entered& action);
  void carryOut(const std::string& sid, const SocketSession::Event& action);
  void carryOut(const std::string& sid, const SocketSession::Left& action);
  void carryOut(const std::string& sid, const SocketSession::Broken& action);
  void emit(const std::vector<RoomApp::Emit>& emits);
  void acknowledge(const std::string& sid, const SocketPacket& packet, const std::string& ack);

  const SignalingServerOptions options_;
  RoomApp app_;
  std::uint64_t broken_ = 0;
  std::unordered_map<std::string, SocketSession> sockets_;      // by Engine.IO session id
  std::unordered_map<std::string, std::string> engine_sid_of_;  // by socket id, while inside
  std::unique_ptr<EngineServer> engine_;
};

Result<Done> RoomSignalingServer::start(Loop& loop) {
  EngineServer::Handlers handlers;
  handlers.on_open = [this](const std::string& sid) { onOpen(sid); };
  handlers.on_message = [this](const std::string& sid, const EnginePacket& message) {
    onMessage(sid, message);
  };
  handlers.on_close = [this](const std::string& sid, const std::string& why) { onClose(sid, why); };
  auto engine = EngineServer::start(loop, options_.engine, std::move(handlers));
  if (!engine)
    return engine.error();
  engine_ = *std::move(engine);
  return Done{};
}

std::string RoomSignalingServer::url() const {
  const std::string& address = options_.engine.address;
  const bool is_v6 = address.find(':') != std::string::npos;
  return "http://" + (is_v6 ? "[" + address + "]" : address) + ":" + std::to_string(port());
}

SignalingServer::Stats RoomSignalingServer::stats() const {
  Stats stats;
  stats.engine = engine_->stats();
  stats.room = app_.stats();
  stats.broken_connections = broken_;
  stats.sessions = engine_->sessionCount();
  stats.rooms = app_.rooms().roomCount();
  stats.members = app_.rooms().memberCount();
  return stats;
}

void RoomSignalingServer::onOpen(const std::string& sid) {
  // The Engine.IO id opens the session to whoever knows it; others only ever see this one.
  sockets_.emplace(sid, SocketSession(Owned<char>(g_uuid_string_random()).get()));
}

void RoomSignalingServer::onMessage(const std::string& sid, const EnginePacket& message) {
  for (const auto& action : sockets_.at(sid).take(message))
    std::visit([&](const auto& a) { carryOut(sid, a); }, action);
}

void RoomSignalingServer::onClose(const std::string& sid, const std::string& why) {
  log(LogLevel::kDebug, "signaling", "session closed: " + why);
  const auto socket = sockets_.find(sid);
  const std::string id = socket->second.id();
  sockets_.erase(socket);
  engine_sid_of_.erase(id);
  emit(app_.onGone(id));
}

void RoomSignalingServer::carryOut(const std::string& sid, const SocketSession::Reply& action) {
  engine_->send(sid, {EnginePacketType::kMessage, action.text});
}

void RoomSignalingServer::carryOut(const std::string& sid, const SocketSession::Entered&) {
  if (const auto socket = sockets_.find(sid); socket != sockets_.end())
    engine_sid_of_.emplace(socket->second.id(), sid);
}

void RoomSignalingServer::carryOut(const std::string& sid, const SocketSession::Event& action) {
  const SocketPacket& packet = action.packet;
  const std::string id = sockets_.at(sid).id();
  if (packet.isBinary()) {
    acknowledge(sid, packet, R"({"ok":false,"error":"binary_not_supported"})");
    return;
  }
  const auto outcome = app_.onEvent(id, packet.eventName(), packet.arguments());
  emit(outcome.emits);
  acknowledge(sid, packet, outcome.ack);
}

void RoomSignalingServer::carryOut(const std::string& sid, const SocketSession::Left&) {
  const std::string id = sockets_.at(sid).id();
  engine_sid_of_.erase(id);
  emit(app_.onGone(id));
}

void RoomSignalingServer::carryOut(const std::string& sid, const SocketSession::Broken& action) {
  broken_++;
  engine_->close(sid, action.why);
}

void RoomSignalingServer::acknowledge(const std::string& sid, const SocketPacket& packet,
                                      const std::string& ack) {
  if (packet.id)
    engine_->send(
        sid, {EnginePacketType::kMessage,
              encodeSocketPacket(SocketPacketType::kAck, packet.nsp, packet.id, "[" + ack + "]")});
}

void RoomSignalingServer::emit(const std::vector<RoomApp::Emit>& emits) {
  for (const auto& one : emits)
    if (const auto found = engine_sid_of_.find(one.to); found != engine_sid_of_.end())
      engine_->send(found->second,
                    {EnginePacketType::kMessage,
                     encodeSocketEvent("/", std::nullopt, one.event, {one.argument})});
}

}  // namespace

Result<std::unique_ptr<SignalingServer>> SignalingServer::start(Loop& loop,
                                                                SignalingServerOptions options) {
  auto server = std::make_unique<RoomSignalingServer>(std::move(options));
  if (auto started = server->start(loop); !started)
    return started.error();
  return std::unique_ptr<SignalingServer>(std::move(server));
}

}  // namespace turnout
