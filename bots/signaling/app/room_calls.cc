#include "bots/signaling/app/room_calls.h"

#include <glib.h>

namespace turnout {

bool isName(const std::string& text) {
  if (text.empty() || text.size() > kMaxNameLength)
    return false;
  if (!g_utf8_validate(text.data(), static_cast<gssize>(text.size()), nullptr))
    return false;
  const char* const end = text.data() + text.size();
  for (const char* at = text.data(); at < end; at = g_utf8_next_char(at))
    if (g_unichar_iscntrl(g_utf8_get_char(at)))
      return false;
  return true;
}

std::variant<std::vector<std::string>, AppError> Rooms::join(const std::string& key,
                                                             const std::string& room) {
  if (!isName(room))
    return AppError::kBadRoom;
  if (isMember(key))
    return AppError::kDoubleJoin;
  const auto found = rooms_.find(room);
  if (found != rooms_.end() && found->second.size() >= capacity_)
    return AppError::kRoomFull;
  auto& members = found != rooms_.end() ? found->second : rooms_[room];
  auto before = members;
  members.push_back(key);
  room_of_.emplace(key, room);
  return before;
}

std::vector<std::string> Rooms::leave(const std::string& key) {
  const auto place = room_of_.find(key);
  if (place == room_of_.end())
    return {};
  const auto room = rooms_.find(place->second);
  std::erase(room->second, key);
  auto stay = room->second;
  if (stay.empty())
    rooms_.erase(room);
  room_of_.erase(place);
  return stay;
}

std::vector<std::string> Rooms::othersThan(const std::string& key) const {
  auto members = rooms_.at(room_of_.at(key));
  std::erase(members, key);
  return members;
}

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
