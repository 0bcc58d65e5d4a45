#include "bots/signaling/signaling_client.h"

#include "bots/signaling/socket_io_client.h"

#include <optional>

namespace turnout {
namespace {

RoomPeer readPeer(const JsonValue& json) {
  return {json.stringOr("id", ""), json.stringOr("user", "")};
}

class SocketIoSignalingClient final : public SignalingClient {
 public:
  SocketIoSignalingClient(Loop& loop, const std::string& url, std::string room, std::string user,
                          Start start, OnEvent on_event)
      : room_(std::move(room)),
        user_(std::move(user)),
        on_event_(std::move(on_event)),
        client_(loop, optionsFor(url, start),
                [this](SocketIoClient::Event event) { onClientEvent(std::move(event)); }) {}

  void sendDescription(const std::string& to, const std::string& type,
                       const std::string& sdp) override;
  void sendCandidate(const std::string& to, unsigned mline, const std::string& candidate) override;
  void leave() override;

 private:
  using Body = decltype(SignalEvent::body);

  static SocketIoClient::Options optionsFor(const std::string& url, Start start);
  void onClientEvent(SocketIoClient::Event event);
  std::optional<Body> translate(const SocketIoClient::Connected& event);
  std::optional<Body> translate(const SocketIoClient::ConnectRefused& event);
  std::optional<Body> translate(const SocketIoClient::Message& event);
  std::optional<Body> translate(const SocketIoClient::Acknowledged& event);
  std::optional<Body> translate(const SocketIoClient::Disconnected& event);
  static std::optional<Body> translateSignal(const std::string& from, const JsonValue& data);
  Body translateJoinAck(const JsonValue& answer);
  void sendSignal(const std::string& to, const std::string& data);

  const std::string room_, user_;
  const OnEvent on_event_;
  bool joined_ = false;
  std::optional<std::uint64_t> join_ack_, leave_ack_;  // awaited
  SocketIoClient client_;
};

SocketIoClient::Options SocketIoSignalingClient::optionsFor(const std::string& url, Start start) {
  SocketIoClient::Options options;
  options.engine.url = url;
  options.engine.start = start == Start::kWebSocket ? EngineClient::Start::kWebSocket
                                                    : EngineClient::Start::kPollingThenUpgrade;
  return options;
}

// The receiver may destroy us: its function is called last, through a copy.
void SocketIoSignalingClient::onClientEvent(SocketIoClient::Event event) {
  auto body = std::visit([this](const auto& e) { return translate(e); }, event.body);
  const OnEvent on_event = on_event_;
  if (body)
    on_event({event.at, *std::move(body)});
}

using Body = decltype(SignalEvent::body);

std::optional<Body> SocketIoSignalingClient::translate(const SocketIoClient::Connected&) {
  JsonWriter json;
  json.beginObject().field("room", room_).field("user", user_).endObject();
  join_ack_ = client_.emitWithAck("join", {json.take()});
  return std::nullopt;
}

std::optional<Body> SocketIoSignalingClient::translate(
    const SocketIoClient::ConnectRefused& event) {
  return SignalJoinRejected{event.message};
}

std::optional<Body> SocketIoSignalingClient::translate(const SocketIoClient::Disconnected& event) {
  return SignalDown{joined_, event.why};
}

std::optional<Body> SocketIoSignalingClient::translate(const SocketIoClient::Message& event) {
  const JsonValue argument = event.arguments.empty() ? JsonValue() : event.arguments[0];
  if (event.name == "peer-joined")
    return SignalPeerJoined{readPeer(argument)};
  if (event.name == "peer-left")
    return SignalPeerLeft{argument.stringOr("id", "")};
  if (event.name == "signal")
    return translateSignal(argument.stringOr("from", ""), argument.get("data"));
  return std::nullopt;
}

std::optional<Body> SocketIoSignalingClient::translateSignal(const std::string& from,
                                                             const JsonValue& data) {
  if (const auto sdp = data.get("sdp").asString())
    return SignalDescription{from, data.stringOr("type", ""), *sdp};
  const JsonValue candidate = data.get("candidate");
  if (candidate.isNull())
    return SignalCandidate{from, 0, ""};
  if (!candidate.isObject())
    return std::nullopt;
  const auto mline = candidate.integerOr("sdpMLineIndex", 0);
  if (mline < 0 || mline > 0xffff)
    return std::nullopt;
  return SignalCandidate{from, static_cast<unsigned>(mline), candidate.stringOr("candidate", "")};
}

std::optional<Body> SocketIoSignalingClient::translate(const SocketIoClient::Acknowledged& event) {
  const JsonValue answer = event.arguments.empty() ? JsonValue() : event.arguments[0];
  if (join_ack_ == event.id) {
    join_ack_.reset();
    return translateJoinAck(answer);
  }
  if (leave_ack_ == event.id) {
    leave_ack_.reset();
    joined_ = false;
    return SignalLeft{};
  }
  return std::nullopt;
}

Body SocketIoSignalingClient::translateJoinAck(const JsonValue& answer) {
  if (!answer.boolOr("ok", false))
    return SignalJoinRejected{answer.stringOr("error", "no reason given")};
  joined_ = true;
  SignalJoined joined{answer.stringOr("id", ""), {}};
  for (const auto& peer : answer.get("peers").elements())
    joined.peers.push_back(readPeer(peer));
  return joined;
}

void SocketIoSignalingClient::sendSignal(const std::string& to, const std::string& data) {
  JsonWriter json;
  json.beginObject().field("to", to).key("data").raw(data).endObject();
  client_.emit("signal", {json.take()});
}

void SocketIoSignalingClient::sendDescription(const std::string& to, const std::string& type,
                                              const std::string& sdp) {
  JsonWriter json;
  json.beginObject().field("type", type).field("sdp", sdp).endObject();
  sendSignal(to, json.text());
}

void SocketIoSignalingClient::sendCandidate(const std::string& to, unsigned mline,
                                            const std::string& candidate) {
  JsonWriter json;
  json.beginObject().key("candidate");
  if (candidate.empty())
    json.null();
  else
    json.beginObject()
        .field("candidate", candidate)
        .field("sdpMLineIndex", static_cast<std::int64_t>(mline))
        .endObject();
  json.endObject();
  sendSignal(to, json.text());
}

void SocketIoSignalingClient::leave() {
  leave_ack_ = client_.emitWithAck("leave", {"{}"});
}

}  // namespace

std::unique_ptr<SignalingClient> SignalingClient::join(Loop& loop, const std::string& url,
                                                       const std::string& room,
                                                       const std::string& user, Start start,
                                                       OnEvent on_event) {
  return std::make_unique<SocketIoSignalingClient>(loop, url, room, user, start,
                                                   std::move(on_event));
}

}  // namespace turnout
