// Who takes part in a call: the user names of its participants, which docs/BROWSER.md promises to
// guests, and the way back from a name to a participant's number (topology.h).
#pragma once

#include "bots/signaling/client/signal_event.h"
#include "scenarios/call_shape.h"

#include <map>
#include <string>

namespace turnout {

// Somebody to have a link with, as the server told it.
struct Peer {
  std::string id;    // socket id: where to send signals
  std::string user;  // the name
  bool we_offer = false;
  std::string page{};  // RoomPeer::page
};
inline Peer peerOf(const RoomPeer& peer, bool we_offer) {
  return {peer.id, peer.user, we_offer, peer.page};
}

class Participants {
 public:
  Participants(CallShape shape, std::string room) : shape_(shape), room_(std::move(room)) {}

  std::string botName(int bot) const { return room_ + "-bot-" + std::to_string(bot); }
  std::string guestName(int guest) const { return room_ + "-guest-" + std::to_string(guest); }

  // Bots 0.., then guests in order of appearance whatever they are called; a match's partner is 1.
  // More strangers than there are guests get numbers beyond participants().
  int indexOf(const std::string& user);

  // CallMode::kCall: whom bot `bot` calls, and whether it does at the beginning.
  std::string otherName(int bot) const;
  bool isCaller(int bot) const;

 private:
  CallShape shape_;
  std::string room_;
  std::map<std::string, int> strangers_;  // by user name
};

}  // namespace turnout
