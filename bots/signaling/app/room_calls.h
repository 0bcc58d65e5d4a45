// Conferences: join a room, hear who comes and goes. Pure.
#pragma once

#include "bots/signaling/app/call_kind.h"
#include "bots/signaling/app/rooms.h"

namespace turnout {

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
