// The room application of docs/PROTOCOL.md: what the server does with the events join, signal and
// leave. Pure: events of members in, events to members and one acknowledgement out.
#pragma once

#include "bots/signaling/room.h"
#include "pipelines/base/json.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace turnout {

class RoomApp {
 public:
  struct Emit {
    std::string to;        // member id
    const char* event;     // its name
    std::string argument;  // JSON
  };
  struct Outcome {
    std::vector<Emit> emits;
    std::string ack;  // JSON: the one argument of the acknowledgement
  };
  struct Stats {
    std::uint64_t joins = 0, refused_joins = 0, leaves = 0;
    std::uint64_t signals = 0, refused_signals = 0;
    std::uint64_t unknown_events = 0;
  };

  explicit RoomApp(std::size_t room_capacity) : rooms_(room_capacity) {}

  Outcome onEvent(const std::string& id, std::string_view name,
                  const std::vector<JsonValue>& arguments);
  std::vector<Emit> onGone(const std::string& id);  // disconnected, with or without leaving

  const Rooms& rooms() const { return rooms_; }
  const Stats& stats() const { return stats_; }

 private:
  Outcome join(const std::string& id, const JsonValue& request);
  Outcome signal(const std::string& id, const JsonValue& request);

  Rooms rooms_;
  Stats stats_;
};

}  // namespace turnout
