// The events of one call that are judged against each other, kept as what they are: who joined, rang,
// was matched, left; which steps were taken; which link ends and sockets were lost and came back.
// Their order in the log and a line that comes twice do not matter. Pure.
#pragma once

#include "bots/timeline/event.h"
#include "orchestrator/results/fold/outcome.h"
#include "scenarios/call_shape.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <type_traits>
#include <vector>

namespace turnout {

// One event of the type Body.
template <class Body>
struct Told {
  Instant at;
  int bot = 0, peer = -1;  // peer -1: of the bot, not of one of its links
  int round = 1;
  Body body;
};

class CallHistory {
 public:
  void add(const Event& event);  // ignores one of a type that is not kept

  // In order of time.
  template <class Body>
  const std::vector<Told<Body>>& all() const {
    return std::get<std::vector<Told<Body>>>(told_.all);
  }
  // The earliest for which the condition holds; nullptr: there is none.
  template <class Body, class Condition>
  const Told<Body>* first(Condition condition) const {
    const auto found = std::ranges::find_if(all<Body>(), condition);
    return found == all<Body>().end() ? nullptr : &*found;
  }

 private:
  // By type of event, those of one type in order of time.
  template <class... Body>
  struct Lists {
    template <class Other>
    static constexpr bool kHas = (std::is_same_v<Other, Body> || ...);
    std::tuple<std::vector<Told<Body>>...> all;
  };
  template <class Body>
  void keep(const Event& event, const Body& body);

  Lists<BotJoined, CallRang, CallAnswered, PartnerMatched, GuestCame, PartnerLeft, SessionError,
        AppFaultSeen, SessionResumed, StepTaken, StepOver, SocketLost, SocketBack, BotFailed,
        BotLeft, LinkConnected, MediaStarted, LinkLost, RecoveryTried, LinkRecovered, LinkFailed>
      told_;
};

// When the app made people wait: it rang; they stood in the queue.
struct WaitSpan {
  std::optional<Instant> began;  // absent: it never did, as far as we know
  std::optional<Instant> ended;  // answered; matched
};

// The first ringing, the first time in the queue, the wait for the last guest of a room.
WaitSpan waitIn(const CallHistory& history, CallMode kind);

// The time of a call as its measures count it: from the scheduled start, and standing still while
// people wait.
class CallClock {
 public:
  CallClock(Instant scheduled, const WaitSpan& wait) : scheduled_(scheduled), wait_(wait) {}

  Duration at(Instant instant) const {
    const Instant resumed = std::min(instant, wait_.ended.value_or(instant));
    const Instant stopped = std::max(wait_.began.value_or(instant), scheduled_);
    return instant - scheduled_ - std::max(Duration::zero(), resumed - stopped);
  }

 private:
  Instant scheduled_;
  WaitSpan wait_;
};

// Who came, rang, was matched, was refused and left, and what brought media back: into `outcome`.
void count(const CallHistory& history, CallOutcome& outcome);

inline Duration durationOfMs(double ms) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double, std::milli>(ms));
}

}  // namespace turnout
