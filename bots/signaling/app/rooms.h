// Rooms: who is in which. Pure; members are session keys, given from outside. A member is in one
// room at most; an empty room does not exist.
#pragma once

#include "bots/signaling/app/app_error.h"

#include <cstddef>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

namespace turnout {

constexpr std::size_t kMaxNameLength = 128;  // bytes

// What may name a room or a user: 1 to 128 bytes of UTF-8 without control characters.
bool isName(const std::string& text);

class Rooms {
 public:
  explicit Rooms(std::size_t capacity) : capacity_(capacity) {}

  // Those who were there before, in order of joining.
  std::variant<std::vector<std::string>, AppError> join(const std::string& key,
                                                        const std::string& room);
  // Those who stay behind; empty when `key` was in no room.
  std::vector<std::string> leave(const std::string& key);

  bool isMember(const std::string& key) const { return room_of_.count(key) > 0; }
  const std::string& roomOf(const std::string& key) const { return room_of_.at(key); }
  std::vector<std::string> othersThan(const std::string& key) const;  // in the same room
  std::size_t roomCount() const { return rooms_.size(); }
  std::size_t memberCount() const { return room_of_.size(); }

 private:
  const std::size_t capacity_;
  std::unordered_map<std::string, std::vector<std::string>> rooms_;
  std::unordered_map<std::string, std::string> room_of_;  // by member
};

}  // namespace turnout
