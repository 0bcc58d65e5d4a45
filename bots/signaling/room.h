// Rooms: who is in which, and who may signal whom. Pure; ids are given from outside. A member is in
// one room at most; an empty room does not exist.
#pragma once

#include "bots/signaling/room_peer.h"

#include <cstddef>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

namespace turnout {

class Rooms {
 public:
  enum class Refusal {
    kBadRoom,     // the name is empty or longer than 128 bytes
    kBadUser,     // the same of the user's name
    kDoubleJoin,  // this member is in a room already
    kRoomFull,
  };
  static const char* toString(Refusal refusal);  // as on the wire: "room_full"

  explicit Rooms(std::size_t capacity) : capacity_(capacity) {}

  // The peers that were there before, in order of joining.
  std::variant<std::vector<RoomPeer>, Refusal> join(const std::string& id, const std::string& room,
                                                    const std::string& user);
  // Those who stay behind; empty when `id` was in no room.
  std::vector<RoomPeer> leave(const std::string& id);

  bool isMember(const std::string& id) const { return room_of_.count(id) > 0; }
  bool areTogether(const std::string& id, const std::string& other) const;  // and not the same
  std::size_t roomCount() const { return rooms_.size(); }
  std::size_t memberCount() const { return room_of_.size(); }

 private:
  const std::size_t capacity_;
  std::unordered_map<std::string, std::vector<RoomPeer>> rooms_;
  std::unordered_map<std::string, std::string> room_of_;  // member id -> room name
};

}  // namespace turnout
