// Someone in a room, as the others see them.
#pragma once

#include <string>

namespace turnout {

struct RoomPeer {
  std::string id;    // socket id: where to send signals
  std::string user;  // the name it joined with
  // Which page of the user it is, by its own word: the same after a lost socket, another after a
  // reload. Empty: it did not say.
  std::string page{};

  bool operator==(const RoomPeer&) const = default;
};

}  // namespace turnout
