#include "bots/signaling/client/signaling_client.h"

#include "bots/signaling/client/socket_io_client.h"

#include <algorithm>
#include <map>
#include <optional>

namespace turnout {
namespace {

using Body = decltype(SignalEvent::body);

RoomPeer readPeer(const JsonValue& json) {
  return {json.stringOr("id", ""), json.stringOr("user", ""), json.stringOr("page", "")};
}

std::vector<RoomPeer> readPeers(const JsonValue& json) {
  std::vector<RoomPeer> peers;
  for (const auto& peer : json.elements())
    peers.push_back(readPeer(peer));
  return peers;
}

SignalBack readBack(const JsonValue& json) {
  using Place = SignalBack::Place;
  SignalBack back{.place = Place::kNothing,
                  .call = json.stringOr("call", ""),
                  .peers = readPeers(json.get("peers")),
                  .initiator = json.boolOr("initiator", false)};
  if (json.get("peer").isObject())
    back.peers.push_back(readPeer(json.get("peer")));
  const std::string kind = json.stringOr("kind", ""), phase = json.stringOr("phase", "");
  if (kind == "room")
    back.place = Place::kRoom;
  else if (kind == "call")
    back.place = phase == "ringing" ? Place::kRinging : Place::kCall;
  else if (kind == "match")
    back.place = phase == "waiting" ? Place::kQueue : Place::kMatch;
  return back;
}

constexpr const char* kUnknownSignal = "unknown_signal";

// "keys hello, text"; of what is no object its beginning.
std::string shapeOf(const JsonValue& data) {
  if (!data.isObject())
    return data.text().substr(0, 40);
  std::string keys;
  for (const std::string& key : data.keys())
    keys += (keys.empty() ? "keys " : ", ") + key.substr(0, 20);
  return keys.empty() ? "no keys" : keys.substr(0, 100);
}

std::optional<Body> readSignal(const std::string& from, const JsonValue& data) {
  const int connection =
      static_cast<int>(std::clamp<std::int64_t>(data.integerOr("connection", 0), 0, 1'000'000));
  if (const auto sdp = data.get("sdp").asString())
    return SignalDescription{from, connection, data.stringOr("type", ""), *sdp};
  if (const auto number = data.get("ping").asInteger())
    return SignalPing{from, *number, false};
  if (const auto number = data.get("pong").asInteger())
    return SignalPing{from, *number, true};
  const JsonValue candidate = data.get("candidate");
  if (candidate.isNull())
    return SignalCandidate{from, connection, 0, ""};
  if (data.get("error").isPresent())  // of who could not read ours; no error answers one
    return std::nullopt;
  const auto mline = candidate.integerOr("sdpMLineIndex", 0);
  if (!candidate.isObject() || mline < 0 || mline > 0xffff)
    return SignalUnread{from, shapeOf(data)};
  return SignalCandidate{from, connection, static_cast<unsigned>(mline),
                         candidate.stringOr("candidate", ""), candidate.stringOr("sdpMid", "")};
}

std::optional<Body> readMessage(const std::string& name, const JsonValue& argument) {
  if (name == "peer-joined")
    return SignalPeerJoined{readPeer(argument)};
  if (name == "peer-left")
    return SignalPeerLeft{argument.stringOr("id", "")};
  if (name == "peer-reconnected")
    return SignalPeerBack{readPeer(argument), argument.stringOr("was", "")};
  if (name == "reconnected")
    return readBack(argument);
  if (name == "incoming-call")
    return SignalIncoming{argument.stringOr("call", ""), readPeer(argument.get("from"))};
  if (name == "call-accepted")
    return SignalAnswered{argument.stringOr("call", ""), readPeer(argument.get("peer")),
                          argument.boolOr("initiator", true)};
  if (name == "matched")
    return SignalMatched{argument.stringOr("call", ""), readPeer(argument.get("peer")),
                         argument.boolOr("initiator", false)};
  if (name == "no-partner")
    return SignalNoPartner{};
  if (name == "call-ended")
    return SignalCallOver{argument.stringOr("call", ""), argument.stringOr("reason", "")};
  if (name == "signal")
    return readSignal(argument.stringOr("from", ""), argument.get("data"));
  return std::nullopt;
}

// The words of docs/PROTOCOL.md, and what the machines make of them.
SignalRefused refusalOf(SignalRequest request, const std::string& error) {
  static constexpr std::pair<const char*, Refusal> kErrors[] = {
      {"busy", Refusal::kBusy},
      {"room_full", Refusal::kFull},
      {"session_active", Refusal::kAlreadyActive},
      {"double_join", Refusal::kAlreadyIn},
      {"no_such_user", Refusal::kNoSuchUser},
      {"ghost_session", Refusal::kGone},
      {"stale_peer", Refusal::kStalePeer},
      {"late_message", Refusal::kLate}};
  for (const auto& [word, refusal] : kErrors)
    if (error == word)
      return {request, error, refusal};
  return {request, error};
}

std::optional<Body> readAnswer(SignalRequest request, const JsonValue& answer) {
  if (!answer.boolOr("ok", false))
    return refusalOf(request, answer.stringOr("error", "no reason given"));
  switch (request) {
    case SignalRequest::kRegister:
      return SignalRegistered{answer.stringOr("key", ""), answer.boolOr("resumed", false),
                              milliseconds(answer.integerOr("grace_ms", 0)),
                              answer.stringOr("id", "")};
    case SignalRequest::kJoin:
      return SignalJoined{answer.stringOr("id", ""), readPeers(answer.get("peers"))};
    case SignalRequest::kCall:
      return SignalRinging{answer.stringOr("call", "")};
    case SignalRequest::kAnswer:
      return SignalAnswered{answer.stringOr("call", ""), readPeer(answer.get("peer")),
                            answer.boolOr("initiator", false)};
    case SignalRequest::kFindPartner:
    case SignalRequest::kNextPartner:
      return SignalQueued{};
    case SignalRequest::kHangUp:
    case SignalRequest::kLeave:
      return SignalLeft{};
    case SignalRequest::kConnect:
    case SignalRequest::kSignal:
      return std::nullopt;
  }
  return std::nullopt;
}

std::string oneField(const char* key, const std::string& value) {
  return JsonWriter().beginObject().field(key, value).endObject().take();
}

class SocketIoSignalingClient final : public SignalingClient {
 public:
  SocketIoSignalingClient(Loop& loop, const Server& server, OnEvent on_event)
      : on_event_(std::move(on_event)),
        client_(loop, optionsFor(server),
                [this](SocketIoClient::Event event) { onClientEvent(std::move(event)); }) {}

  void registerUser(const std::string& user, const std::string& page,
                    const std::string& key) override {
    JsonWriter json;
    json.beginObject().field("user", user).field("page", page);
    if (!key.empty())
      json.field("key", key);
    ask(SignalRequest::kRegister, json.endObject().take());
  }
  void joinRoom(const std::string& room, const std::string& user) override {
    ask(SignalRequest::kJoin,
        JsonWriter().beginObject().field("room", room).field("user", user).endObject().take());
  }
  void callUser(const std::string& user) override {
    ask(SignalRequest::kCall, oneField("to", user));
  }
  void answerCall(const std::string& call) override {
    ask(SignalRequest::kAnswer, oneField("call", call));
  }
  void hangUp(const std::string& call) override {
    ask(SignalRequest::kHangUp, oneField("call", call));
  }
  void findPartner(const std::string& pool) override {
    ask(SignalRequest::kFindPartner, oneField("pool", pool));
  }
  void nextPartner(const std::string& pool) override {
    ask(SignalRequest::kNextPartner, oneField("pool", pool));
  }
  void leave() override { ask(SignalRequest::kLeave, "{}"); }
  void sayGoodbye() override { client_.disconnect(); }

  void sendDescription(const std::string& to, int connection, const std::string& type,
                       const std::string& sdp) override;
  void sendCandidate(const std::string& to, int connection, unsigned mline,
                     const std::string& candidate, const std::string& mid) override;
  void setPaused(bool is_paused) override { client_.setPaused(is_paused); }
  void closeSocket() override { client_.closeSocket(); }
  void resetSocket() override { client_.resetSocket(); }
  void sendPing(const std::string& to, std::int64_t number, int padding_bytes) override;
  void answerPing(const std::string& to, std::int64_t number) override;

 private:
  static SocketIoClient::Options optionsFor(const Server& server);
  void onClientEvent(SocketIoClient::Event event);
  std::optional<Body> translate(const SocketIoClient::Event& event);
  std::optional<Body> translateAnswer(const SocketIoClient::Acknowledged& event);
  void ask(SignalRequest request, const std::string& argument);
  void signal(const std::string& to, const std::string& data);

  const OnEvent on_event_;
  std::map<std::uint64_t, SignalRequest> asked_;  // and not answered yet
  SocketIoClient client_;
};

SocketIoClient::Options SocketIoSignalingClient::optionsFor(const Server& server) {
  SocketIoClient::Options options;
  options.engine.url = server.url;
  options.engine.tls = server.tls;
  if (!server.token.empty())
    options.auth = oneField("token", server.token.reveal());
  options.engine.start = server.start.value_or(EngineStart::kWebSocket);
  return options;
}

// The receiver may destroy us: its function is called last, through a copy.
void SocketIoSignalingClient::onClientEvent(SocketIoClient::Event event) {
  auto body = translate(event);
  if (const auto* unread = body ? std::get_if<SignalUnread>(&*body) : nullptr)
    signal(unread->from, oneField("error", kUnknownSignal));
  const OnEvent on_event = on_event_;
  if (body)
    on_event({event.at, *std::move(body)});
}

std::optional<Body> SocketIoSignalingClient::translate(const SocketIoClient::Event& event) {
  using Answer = std::optional<Body>;
  return std::visit(
      Overloaded{
          [](const SocketIoClient::Connected&) -> Answer { return SignalConnected{}; },
          [](const SocketIoClient::ConnectRefused& refused) -> Answer {
            return SignalRefused{SignalRequest::kConnect, refused.message, Refusal::kNotAllowed};
          },
          [](const SocketIoClient::Message& message) -> Answer {
            return readMessage(message.name,
                               message.arguments.empty() ? JsonValue() : message.arguments[0]);
          },
          [this](const SocketIoClient::Acknowledged& answer) -> Answer {
            return translateAnswer(answer);
          },
          [](const SocketIoClient::Disconnected& gone) -> Answer { return SignalDown{gone.why}; }},
      event.body);
}

std::optional<Body> SocketIoSignalingClient::translateAnswer(
    const SocketIoClient::Acknowledged& event) {
  const auto asked = asked_.extract(event.id);
  if (asked.empty())
    return std::nullopt;
  return readAnswer(asked.mapped(), event.arguments.empty() ? JsonValue() : event.arguments[0]);
}

void SocketIoSignalingClient::ask(SignalRequest request, const std::string& argument) {
  asked_[client_.emitWithAck(toString(request), {argument})] = request;
}

// Its refusals matter (stale_peer, ghost_session), so each asks for an answer.
void SocketIoSignalingClient::signal(const std::string& to, const std::string& data) {
  ask(SignalRequest::kSignal,
      JsonWriter().beginObject().field("to", to).key("data").raw(data).endObject().take());
}

void SocketIoSignalingClient::sendDescription(const std::string& to, int connection,
                                              const std::string& type, const std::string& sdp) {
  signal(to, JsonWriter()
                 .beginObject()
                 .field("type", type)
                 .field("sdp", sdp)
                 .field("connection", connection)
                 .endObject()
                 .take());
}

void SocketIoSignalingClient::sendCandidate(const std::string& to, int connection, unsigned mline,
                                            const std::string& candidate, const std::string& mid) {
  JsonWriter json;
  json.beginObject().field("connection", connection).key("candidate");
  if (candidate.empty()) {
    json.null();
  } else {
    json.beginObject()
        .field("candidate", candidate)
        .field("sdpMLineIndex", static_cast<std::int64_t>(mline));
    if (!mid.empty())
      json.field("sdpMid", mid);
    json.endObject();
  }
  signal(to, json.endObject().take());
}

void SocketIoSignalingClient::sendPing(const std::string& to, std::int64_t number,
                                       int padding_bytes) {
  signal(to, JsonWriter()
                 .beginObject()
                 .field("ping", number)
                 .field("padding", std::string(static_cast<std::size_t>(padding_bytes), '.'))
                 .endObject()
                 .take());
}

void SocketIoSignalingClient::answerPing(const std::string& to, std::int64_t number) {
  signal(to, JsonWriter().beginObject().field("pong", number).endObject().take());
}

}  // namespace

std::unique_ptr<SignalingClient> SignalingClient::connect(Loop& loop, const Server& server,
                                                          OnEvent on_event) {
  return std::make_unique<SocketIoSignalingClient>(loop, server, std::move(on_event));
}

}  // namespace turnout
