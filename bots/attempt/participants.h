// Who takes part in a call: the user names of its participants, which docs/BROWSER.md promises to
// guests, and the way back from a name to a participant's number (call_shape.h).
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
  std::string page{};            // RoomPeer::page
  std::optional<bool> polite{};  // RoomPeer::polite
};
inline Peer peerOf(const RoomPeer& peer, bool we_offer) {
  return {peer.id, peer.user, we_offer, peer.page, peer.polite};
}

class Participants {
 public:
  // `self`: the bot that asks; -1: none does.
  Participants(CallShape shape, std::string room, int self = -1)
      : shape_(shape), room_(std::move(room)), self_(self) {}

  std::string botName(int bot) const { return room_ + "-bot-" + std::to_string(bot); }
  std::string guestName(int guest) const { return room_ + "-guest-" + std::to_string(guest); }

  // Bots 0.., then guests in order of appearance whatever they are called; a match's partner is 1.
  // More strangers than there are guests get numbers beyond participants(); but where there are none
  // they are the other bots, in order of appearance: of an app that tells ids and no names.
  int indexOf(const std::string& user);

  // CallMode::kCall: whom bot `bot` calls, and whether it does at the beginning.
  std::string otherName(int bot) const;
  bool isCaller(int bot) const;

 private:
  CallShape shape_;
  std::string room_;
  int self_ = -1;
  std::map<std::string, int> strangers_;  // by user name
};

}  // namespace turnout
