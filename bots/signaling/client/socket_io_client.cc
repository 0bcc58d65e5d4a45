#include "bots/signaling/client/socket_io_client.h"

namespace turnout {

SocketIoClient::SocketIoClient(Loop& loop, Options options, OnEvent on_event)
    : options_(std::move(options)), events_(loop, std::move(on_event)) {
  timeout_ =
      loop.after(options_.timeout, [this] { finish(Disconnected{"no connection in time"}); });
  EngineClient::Handlers handlers;
  handlers.on_open = [this] { enter(); };
  handlers.on_message = [this](const EnginePacket& message) { onMessage(message); };
  handlers.on_close = [this](const std::string& why) { finish(Disconnected{why}); };
  engine_ = EngineClient::open(loop, options_.engine, std::move(handlers));
}

// Servers of Engine.IO 3 let everybody into "/" by themselves, and know no auth.
void SocketIoClient::enter() {
  if (!isOfThree())
    sendText(encodeSocketPacket(SocketPacketType::kConnect, options_.nsp, {}, options_.auth));
  else if (options_.nsp != "/")
    sendText(encodeSocketPacket(SocketPacketType::kConnect, options_.nsp, {}, ""));
}

// There the id is that of the connection below.
std::string SocketIoClient::idIn(const SocketPacket& packet) const {
  if (!isOfThree())
    return packet.data.stringOr("sid", "");
  return options_.nsp == "/" ? engine_->sessionId() : options_.nsp + "#" + engine_->sessionId();
}

void SocketIoClient::onMessage(const EnginePacket& message) {
  if (phase_ == Phase::kClosed)
    return;
  auto packet = reader_.take(message);
  if (!packet)
    finish(Disconnected{packet.error().what});
  else if (*packet && (*packet)->nsp == options_.nsp)
    onPacket(**packet);
}

void SocketIoClient::onPacket(SocketPacket& packet) {
  switch (packet.type) {
    case SocketPacketType::kConnect:
      phase_ = Phase::kConnected;
      timeout_.cancel();
      report(Connected{idIn(packet)});
      return;
    case SocketPacketType::kConnectError:
      finish(ConnectRefused{packet.data.asString().value_or(packet.data.stringOr("message", ""))});
      return;
    case SocketPacketType::kDisconnect:
      finish(Disconnected{"disconnected by the server"});
      return;
    case SocketPacketType::kEvent:
      report(Message{packet.eventName(), packet.arguments()});
      return;
    case SocketPacketType::kAck:
      report(Acknowledged{*packet.id, packet.arguments()});
      return;
    case SocketPacketType::kBinaryEvent:
    case SocketPacketType::kBinaryAck:
      return;  // nothing we take part in is binary
  }
}

void SocketIoClient::emit(std::string_view name, const std::vector<std::string>& arguments) {
  if (phase_ == Phase::kConnected)
    sendText(encodeSocketEvent(options_.nsp, std::nullopt, name, arguments));
}

std::uint64_t SocketIoClient::emitWithAck(std::string_view name,
                                          const std::vector<std::string>& arguments) {
  const std::uint64_t id = next_ack_++;
  if (phase_ == Phase::kConnected)
    sendText(encodeSocketEvent(options_.nsp, id, name, arguments));
  return id;
}

void SocketIoClient::disconnect() {
  if (phase_ == Phase::kConnected)
    sendText(encodeSocketPacket(SocketPacketType::kDisconnect, options_.nsp, {}, ""));
  engine_->finish();
}

void SocketIoClient::sendText(const std::string& text) {
  engine_->send({EnginePacketType::kMessage, text});
}

void SocketIoClient::finish(decltype(Event::body) last) {
  if (phase_ == Phase::kClosed)
    return;
  phase_ = Phase::kClosed;
  timeout_.cancel();
  report(std::move(last));
}

void SocketIoClient::report(decltype(Event::body) body) {
  events_.sender().send({now(), std::move(body)});
}

}  // namespace turnout
