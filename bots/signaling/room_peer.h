// Someone in a room, as the others see them.
#pragma once

#include <string>

namespace turnout {

struct RoomPeer {
  std::string id;    // socket id: where to send signals
  std::string user;  // the name it joined with

  bool operator==(const RoomPeer&) const = default;
};

}  // namespace turnout
