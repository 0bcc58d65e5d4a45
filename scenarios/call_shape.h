// What a call is made of: how the participants find each other, who they are, and who is linked to
// whom. The kinds are those of docs/PROTOCOL.md.
#pragma once

#include "pipelines/base/clock.h"

#include <cstddef>
#include <cstdint>
#include <vector>

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

// Who is linked to whom in a call, apart from who takes part: today a mesh, in which every bot has a
// link to every other participant. Participants are numbered: the bots first, then guests, or the
// random partner of a match.
struct LinkEnd {  // the end of a link that `bot` has and reports
  int bot = 0;
  int peer = 0;

  bool operator==(const LinkEnd&) const = default;
};

class Topology {
 public:
  explicit Topology(const CallShape& shape)
      : bots_(shape.bots), participants_(shape.participants()) {}

  int bots() const { return bots_; }
  int participants() const { return participants_; }
  // The other end of a bot's link is a bot of the same call as well.
  bool isReportedByBoth(LinkEnd end) const { return end.peer < bots_; }
  bool contains(LinkEnd end) const {
    return end.bot >= 0 && end.bot < bots_ && end.peer >= 0 && end.peer < participants_ &&
           end.bot != end.peer;
  }

  int linksOf(int /*bot*/) const { return participants_ - 1; }
  std::size_t size() const {  // of all link ends that bots report
    return static_cast<std::size_t>(bots_) * static_cast<std::size_t>(participants_ - 1);
  }
  // Where this end stands among them: those of bot 0 first, each by participant.
  std::size_t indexOf(LinkEnd end) const {
    const int column = end.peer > end.bot ? end.peer - 1 : end.peer;
    return static_cast<std::size_t>(end.bot * (participants_ - 1) + column);
  }
  std::vector<LinkEnd> ends() const {
    std::vector<LinkEnd> all;
    for (int bot = 0; bot < bots_; bot++) {
      for (int peer = 0; peer < participants_; peer++) {
        if (peer != bot)
          all.push_back({bot, peer});
      }
    }
    return all;
  }

 private:
  int bots_, participants_;
};

}  // namespace turnout
