// Rooms: who is in which. Pure; members are session keys, given from outside. A member is in one
// room at most; an empty room does not exist.
#pragma once

#include "bots/signaling/app/app_error.h"
#include "bots/signaling/app/call_kind.h"

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

// Conferences: join a room, hear who comes and goes.
class RoomCalls final : public CallKind {
 public:
  RoomCalls(SharedState& shared, std::size_t capacity) : shared_(shared), rooms_(capacity) {}

  Answer join(const std::string& key, const JsonValue& request);  // for one who is in nothing

  bool holds(const std::string& key) const override { return rooms_.isMember(key); }
  std::vector<std::string> partnersOf(const std::string& key) const override {
    return rooms_.othersThan(key);
  }
  bool maySignal(const std::string&) const override { return true; }
  void describe(const std::string& key, JsonWriter& json) const override;
  void vacate(Instant at, const std::string& key, EndReason why) override;
  void onResumed(Instant, const std::string&) override {}
  void forget(const std::string&) override {}
  void onTime(Instant) override {}
  Instant deadline() const override { return Instant::max(); }

  const Rooms& rooms() const { return rooms_; }

 private:
  void writePeers(JsonWriter& json, const std::vector<std::string>& keys) const;

  SharedState& shared_;
  Rooms rooms_;
};

}  // namespace turnout
