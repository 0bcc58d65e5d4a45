// What a bot does on purpose in the middle of a call, as people and their networks do. Each step of
// a bot begins when the one before it is over; a call is not over before its steps are.
#pragma once

#include "pipelines/base/clock.h"

#include <optional>
#include <string>

namespace turnout {

enum class StepKind {
  kRefresh,       // peer connections and socket vanish without a goodbye; the same user comes back
  kTabKill,       // the same, and nobody comes back
  kLeave,         // leaves politely, comes back later and joins, calls or looks for a partner again
  kNextPartner,   // CallMode::kMatch: asks for the next partner
  kRapidRetries,  // reloads again and again, not waiting for anything in between
  kNetworkDrop,   // nothing passes, either way, for a time; sockets neither close nor reset
  kLoss,          // some packets of the peer connections are lost, for a time
  kAddressChange,  // as from Wi-Fi to mobile: what used the old address is dead, the new one works
  kSignalingDrop,  // the socket to the signaling server is gone; the bot connects again
  kBotCrash,       // the process that carries the bot dies, with all that it carries
};

enum class StepTrigger {
  kJoined,     // the bot is in: in the room, registered, in the queue
  kConnected,  // each of its links is connected
  kMedia,      // and has all its media
};

enum class DropOf {
  kAll,
  kMedia,      // all of the peer connections: media, DTLS, STUN, TURN
  kSignaling,  // the socket to the signaling server; what was sent meanwhile comes late, as by TCP
};

enum class LossDirection { kBoth, kOutgoing, kIncoming };

enum class SocketCut {
  kSilent,  // neither end is told; the client finds out by missing pings
  kReset,   // RST: both ends know at once
  kClose,   // the client closes it in order, without leaving
};

struct Step {
  StepKind kind = StepKind::kRefresh;
  StepTrigger after = StepTrigger::kMedia;
  milliseconds delay{0};    // from then on
  milliseconds away{1000};  // kRefresh, kLeave: until it comes back
  DropOf drop_of = DropOf::kAll;
  milliseconds lasting{5000};                      // kNetworkDrop, kLoss
  double loss_percent = 10;                        // kLoss
  LossDirection direction = LossDirection::kBoth;  // kLoss, as the bot sees it
  int times = 5;                                   // kRapidRetries
  milliseconds every{300};                         // kRapidRetries: between two of them
  SocketCut cut = SocketCut::kReset;               // kSignalingDrop
  std::string address{};   // kAddressChange: a literal; empty: another one of 127/8
  std::optional<int> bot;  // which bot of the call; absent: every one
  double share = 1;        // of the calls, chosen by the call's seed
};

}  // namespace turnout
