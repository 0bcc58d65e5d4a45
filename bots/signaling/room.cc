#include "bots/signaling/room.h"

#include <algorithm>

namespace turnout {
namespace {

bool isName(const std::string& text) {
  return !text.empty() && text.size() <= 128;
}

}  // namespace

const char* Rooms::toString(Refusal refusal) {
  switch (refusal) {
    case Refusal::kBadRoom:
      return "bad_room";
    case Refusal::kBadUser:
      return "bad_user";
    case Refusal::kDoubleJoin:
      return "double_join";
    case Refusal::kRoomFull:
      return "room_full";
  }
  return "";
}

std::variant<std::vector<RoomPeer>, Rooms::Refusal> Rooms::join(const std::string& id,
                                                                const std::string& room,
                                                                const std::string& user) {
  if (!isName(room))
    return Refusal::kBadRoom;
  if (!isName(user))
    return Refusal::kBadUser;
  if (isMember(id))
    return Refusal::kDoubleJoin;
  const auto found = rooms_.find(room);
  if (found != rooms_.end() && found->second.size() >= capacity_)
    return Refusal::kRoomFull;
  auto& members = found != rooms_.end() ? found->second : rooms_[room];
  auto before = members;
  members.push_back({id, user});
  room_of_.emplace(id, room);
  return before;
}

std::vector<RoomPeer> Rooms::leave(const std::string& id) {
  const auto place = room_of_.find(id);
  if (place == room_of_.end())
    return {};
  const auto room = rooms_.find(place->second);
  room_of_.erase(place);
  auto& members = room->second;
  members.erase(std::find_if(members.begin(), members.end(),
                             [&](const RoomPeer& member) { return member.id == id; }));
  auto stay = members;
  if (members.empty())
    rooms_.erase(room);
  return stay;
}

bool Rooms::areTogether(const std::string& id, const std::string& other) const {
  const auto a = room_of_.find(id), b = room_of_.find(other);
  return id != other && a != room_of_.end() && b != room_of_.end() && a->second == b->second;
}

}  // namespace turnout
