#include "bots/signaling/room_app.h"

namespace turnout {
namespace {

const std::string& okAck() {
  static const std::string kText = R"({"ok":true})";
  return kText;
}

std::string refusal(const char* error) {
  return JsonWriter().beginObject().field("ok", false).field("error", error).endObject().take();
}

void writePeer(JsonWriter& json, const RoomPeer& peer) {
  json.beginObject().field("id", peer.id).field("user", peer.user).endObject();
}

std::string joinAck(const std::string& id, const std::vector<RoomPeer>& peers) {
  JsonWriter json;
  json.beginObject().field("ok", true).field("id", id).key("peers").beginArray();
  for (const auto& peer : peers)
    writePeer(json, peer);
  json.endArray().endObject();
  return json.take();
}

}  // namespace

RoomApp::Outcome RoomApp::onEvent(const std::string& id, std::string_view name,
                                  const std::vector<JsonValue>& arguments) {
  const JsonValue request = arguments.empty() ? JsonValue() : arguments[0];
  if (name == "join")
    return join(id, request);
  if (name == "signal")
    return signal(id, request);
  if (name == "leave")
    return {onGone(id), okAck()};
  stats_.unknown_events++;
  return {{}, refusal("unknown_event")};
}

RoomApp::Outcome RoomApp::join(const std::string& id, const JsonValue& request) {
  RoomPeer self{id, request.stringOr("user", "")};
  const auto result = rooms_.join(id, request.stringOr("room", ""), self.user);
  if (const auto* refused = std::get_if<Rooms::Refusal>(&result)) {
    stats_.refused_joins++;
    return {{}, refusal(Rooms::toString(*refused))};
  }
  stats_.joins++;
  const auto& peers = std::get<std::vector<RoomPeer>>(result);
  JsonWriter json;
  writePeer(json, self);
  Outcome outcome{{}, joinAck(id, peers)};
  for (const auto& peer : peers)
    outcome.emits.push_back({peer.id, "peer-joined", json.text()});
  return outcome;
}

RoomApp::Outcome RoomApp::signal(const std::string& id, const JsonValue& request) {
  const auto to = request.stringOr("to", "");
  const auto data = request.get("data");
  const char* error = !rooms_.isMember(id)          ? "not_joined"
                      : !rooms_.areTogether(id, to) ? "no_such_peer"
                      : !data.isObject()            ? "bad_signal"
                                                    : nullptr;
  if (error) {
    stats_.refused_signals++;
    return {{}, refusal(error)};
  }
  stats_.signals++;
  JsonWriter json;
  json.beginObject().field("from", id).key("data").raw(data.text()).endObject();
  return {{{to, "signal", json.take()}}, okAck()};
}

std::vector<RoomApp::Emit> RoomApp::onGone(const std::string& id) {
  if (rooms_.isMember(id))
    stats_.leaves++;
  const std::string argument = JsonWriter().beginObject().field("id", id).endObject().take();
  std::vector<Emit> emits;
  for (const auto& peer : rooms_.leave(id))
    emits.push_back({peer.id, "peer-left", argument});
  return emits;
}

}  // namespace turnout
