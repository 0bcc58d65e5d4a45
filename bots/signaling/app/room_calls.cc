#include "bots/signaling/app/room_calls.h"

#include "bots/signaling/app/rooms.h"

namespace turnout {

Answer RoomCalls::join(const std::string& key, const JsonValue& request) {
  const auto& session = shared_.sessions.at(key);
  if (session.phase == Sessions::Phase::kAnonymous) {
    const auto user = request.stringOr("user", "");
    if (!isName(user))
      return AppError::kBadUser;
    shared_.sessions.introduce(key, user);
  }
  const auto result = rooms_.join(key, request.stringOr("room", ""));
  if (const auto* refused = std::get_if<AppError>(&result))
    return *refused;
  shared_.stats.joins++;
  shared_.sessions.holdsPlace(key);
  const auto& before = std::get<std::vector<std::string>>(result);
  JsonWriter self, ack;
  writePeer(self, session);
  for (const auto& other : before)
    shared_.notify(other, "peer-joined", self.text());
  ack.beginObject().field("ok", true).field("id", session.address).key("peers");
  writePeers(ack, before);
  return ack.endObject().take();
}

void RoomCalls::describe(const std::string& key, JsonWriter& json) const {
  json.field("kind", "room").field("room", rooms_.roomOf(key)).key("peers");
  writePeers(json, rooms_.othersThan(key));
}

void RoomCalls::vacate(Instant, const std::string& key, EndReason) {
  JsonWriter gone;
  gone.beginObject().field("id", shared_.sessions.at(key).address).endObject();
  for (const auto& other : rooms_.leave(key))
    shared_.notify(other, "peer-left", gone.text());
}

void RoomCalls::writePeers(JsonWriter& json, const std::vector<std::string>& keys) const {
  json.beginArray();
  for (const auto& key : keys)
    writePeer(json, shared_.sessions.at(key));
  json.endArray();
}

}  // namespace turnout
