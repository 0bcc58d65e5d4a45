// A BotAttempt driven as the world would: what the server says, what links do, time.
#pragma once

#include "bots/attempt/bot_attempt.h"
#include "tests/unit/attempt/actions.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace turnout {

inline const Instant kStart = fromNs(1'000'000'000);
inline const RoomPeer kAnn{"a", "r-bot-0"}, kBen{"b", "r-bot-1"}, kCat{"c", "r-bot-2"};

// A bot of a call with others, driven as the world would: what the server says, what links do.
struct Driven {
  explicit Driven(CallShape shape = {}, std::vector<Step> steps = {}, int bot = 0)
      : machine(planOf(shape, std::move(steps), bot)) {
    machine.start(kStart);
  }
  static BotPlan planOf(CallShape shape, std::vector<Step> steps, int bot) {
    BotPlan plan{.scheduled = kStart,
                 .entry = {.shape = shape,
                           .bot = bot,
                           .cast = Cast(shape, "r"),
                           .room = "r",
                           .pool = "p",
                           .deadlines = {}},
                 .steps = {},
                 .longest_drop = {}};
    for (std::size_t i = 0; i < steps.size(); i++)
      plan.steps.push_back({static_cast<int>(i), steps[i]});
    return plan;
  }

  template <class Body>
  void hear(Duration after, Body body) {
    machine.onSignal({kStart + after, std::move(body)});
  }
  // Into a room, with those who are there.
  void join(std::vector<RoomPeer> peers) {
    hear(1ms, SignalConnected{});
    hear(2ms, SignalRegistered{"key", false, 5000ms});
    hear(3ms, SignalJoined{"me", std::move(peers)});
  }
  void linkUp(Duration after, const std::string& id) {
    machine.onLinkConnected(kStart + after, id);
    machine.onLinkSettled(kStart + after, id, {.up = true});
  }
  void linkFails(Duration after, const std::string& id) {
    machine.onLinkSettled(kStart + after, id, {.up = false, .cause = FailureCause::kIceFailed});
  }
  void passTime() {  // to whatever is due next
    ASSERT_TRUE(machine.due());
    machine.onTime(*machine.due());
  }
  std::vector<BotAction> actions() { return machine.takeActions(); }

  BotAttempt machine;
};

inline std::vector<SignalRequest> requestsIn(const std::vector<BotAction>& actions) {
  std::vector<SignalRequest> requests;
  for (const AskServer& asked : all<AskServer>(actions))
    requests.push_back(asked.ask.request);
  return requests;
}

inline CallShape shapeOf(CallMode kind, int bots) {
  CallShape shape;
  shape.kind = kind;
  shape.bots = bots;
  return shape;
}

inline Step stepOf(StepKind kind) {
  return {.kind = kind, .after = StepTrigger::kMedia, .delay = 500ms, .away = 800ms, .bot = {}};
}

}  // namespace turnout
