// What a bot's machine wants done in the world: values, carried out in order by bots/host/bot.cc.
#pragma once

#include "bots/attempt/entry.h"
#include "bots/attempt/link_attempt.h"
#include "bots/attempt/message_link.h"
#include "pipelines/ice/ice_config.h"

#include <string>
#include <variant>

namespace turnout {

enum class BotState {
  kBusy,    // something is to be awaited: links, a step, the way back
  kSteady,  // every link is up, and no step is left
  kFailed,
};

// --- the socket to the signaling server ---
struct OpenSocket {
  int page = 1;  // the n-th one we loaded, that it is of
};
struct DropSocket {};  // no goodbye
struct CutSocket {     // and the bot lives on; it knows at once, but for kSilently
  enum class How {
    kSilently,   // nothing passes any more; SignalDown when the client notices
    kReset,      // RST
    kClosed,     // in order, but without a goodbye
    kAbandoned,  // nothing passes any more, and the server is not told
  } how = How::kReset;
};
struct AskServer {
  Entry::Ask ask;
  std::string key, page;  // kRegister: of the session to come back into; RoomPeer::page
};
struct SayGoodbye {};
struct SendSignal {  // to the other end of a link, through the server
  std::string to;    // socket id
  int number = 1;    // of the connection between the two pages, on the wire
  std::variant<ShipDescription, ShipCandidate, SendPing, AnswerPing> what;
};

// --- links: `link` names one for as long as it is open ---
struct OpenLink {
  int link = 0;
  Peer peer;
  int index = 0;   // of the participant
  int round = 1;   // Event::round
  int number = 1;  // SendSignal::number
};
struct CloseLink {  // reports what was sent and received
  int link = 0;
};
struct CommandPeer {  // the peer connection of a link
  int link = 0;
  std::variant<MakeOffer, RestartIce, SetRemote, AddRemoteCandidate> command;
};

// --- the network and the process ---
struct SetNetwork {  // of the whole bot, from now on
  NetworkCondition peers;
  bool signaling_dropped = false;
};
struct ChangeAddress {  // of what is there and what comes
  std::string literal;
};
struct CrashHost {};  // the process, at once

// --- what the call has to know ---
struct StateTold {
  BotState state = BotState::kBusy;
};
struct BotGone {
  enum class How { kLeft, kVanished } how = How::kLeft;  // kVanished: nobody was told
};

using BotAction = std::variant<OpenSocket, DropSocket, CutSocket, AskServer, SayGoodbye, SendSignal,
                               OpenLink, CloseLink, CommandPeer, SetNetwork, ChangeAddress,
                               CrashHost, Record, StateTold, BotGone>;

}  // namespace turnout
