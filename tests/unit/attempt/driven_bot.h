// A BotAttempt driven as the world would: what the server says, what links do, time.
#pragma once

#include "bots/attempt/bot_attempt.h"
#include "tests/unit/attempt/actions.h"

#include <map>
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
  explicit Driven(BotPlan plan) : machine(std::move(plan)) { machine.start(kStart); }
  static BotPlan planOf(CallShape shape, std::vector<Step> steps, int bot) {
    BotPlan plan{.scheduled = kStart,
                 .entry = {.shape = shape,
                           .bot = bot,
                           .participants = Participants(shape, "r"),
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
  // What the peer connection of the latest link to this socket id tells.
  void peer(Duration after, const std::string& id, decltype(PeerEvent::body) body) {
    machine.onPeer(linkTo(id), {kStart + after, std::move(body)});
  }
  void linkUp(Duration after, const std::string& id) {
    peer(after, id, ConnectionStateChanged{"connected"});
  }
  void linkFails(Duration after, const std::string& id) {
    peer(after, id, IceStateChanged{IceConnectionState::kFailed});
  }
  void mediaStops(Duration after, const std::string& id) {
    peer(after, id, MediaSilent{kStart + after});
  }
  void mediaReturns(Duration after, const std::string& id) { peer(after, id, MediaBack{}); }
  void passTime() {  // to whatever is due next
    ASSERT_TRUE(machine.due());
    machine.onTime(*machine.due());
  }
  // Until the bot does something of this kind; all that it does until then.
  template <class Action>
  std::vector<BotAction> passTimeUntil() {
    std::vector<BotAction> done;
    for (int i = 0; i < 100 && all<Action>(done).empty() && machine.due(); i++) {
      machine.onTime(*machine.due());
      for (BotAction& action : actions())
        done.push_back(std::move(action));
    }
    return done;
  }
  std::vector<BotAction> actions() {
    collect();
    return std::exchange(collected_, {});
  }

  BotAttempt machine;

 private:
  void collect() {
    for (BotAction& action : machine.takeActions()) {
      if (const auto* opened = std::get_if<OpenLink>(&action))
        links_[opened->peer.id] = opened->link;
      collected_.push_back(std::move(action));
    }
  }
  int linkTo(const std::string& id) {
    collect();
    return links_.at(id);
  }

  std::vector<BotAction> collected_;
  std::map<std::string, int> links_;  // by the socket id they were opened with
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
