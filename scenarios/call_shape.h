// What a call is made of: how the participants find each other, and who they are. The kinds are
// those of docs/PROTOCOL.md.
#pragma once

#include "pipelines/base/clock.h"

#include <cstdint>

namespace turnout {

enum class CallMode {
  kRoom,   // a conference: every participant connects to every other
  kCall,   // one rings the other, who answers
  kMatch,  // one looks for a partner and gets whoever looks as well: a call is one seeker
};

inline constexpr int kMaxParticipants = 8;  // of a room, docs/PROTOCOL.md

enum class Caller { kBot, kGuest };

struct CallShape {
  CallMode kind = CallMode::kRoom;
  int bots = 2;    // 1..8; kMatch: 1
  int guests = 0;  // who come by themselves, for example with a browser, and report nothing to us
  Caller caller = Caller::kBot;  // kCall: bot 0, or the guest
  milliseconds answer_after{0};  // kCall: it rings so long before a bot answers

  // Both ends of a seeker's link count, though the partner is in a call of its own.
  int participants() const { return kind == CallMode::kMatch ? 2 : bots + guests; }
};

// Load on the signaling server alone: instead of peer connections, the two ends of a link send each
// other messages through the server, and each is answered at once.
struct MessageLoad {
  double rate_per_s = 1;  // of each link end, evenly spaced
  int size_bytes = 200;   // of the payload
};

}  // namespace turnout
