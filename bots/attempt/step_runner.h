// When a bot takes the steps of its scenario, and what each of them is (scenarios/step.h): a machine
// without sockets, clocks or threads. What is to be done comes out as actions and deeds, in order;
// the bot (bot_attempt.h) does them to its membership and its links.
//
//   phase      | input                             | next       | out
//   -----------+-----------------------------------+------------+-----------------------------------
//   kWaiting   | the trigger of the next step      | kArmed     |
//   kArmed     | its instant                       | kTaking    | what the step begins with
//   kTaking    | its time is over, or the step has | kReturning | what it ends with, StepOver
//              | no length                         |            |
//   kReturning | everything is up again            | kWaiting   |
//              |                                   | kThrough   | no step is left
//   any        | stop()                            | kThrough   | the network is whole again
#pragma once

#include "bots/attempt/bot_action.h"
#include "scenarios/step.h"

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace turnout {

struct PlannedStep {
  int index = 0;  // into the scenario's steps
  Step step;
};

class StepRunner {
 public:
  enum class Phase { kWaiting, kArmed, kTaking, kReturning, kThrough };

  // What a bot does, beside actions.
  struct DropPage {};  // links and socket vanish, and nobody is told
  struct CloseTab {};  // after DropPage: for good
  struct LoadPage {};  // comes back on a new page
  struct Leave {};     // politely
  struct Return {};    // after Leave
  struct AskForNext {};
  struct CutSignaling {
    CutSocket::How how = CutSocket::How::kReset;
    std::string what;  // as the bot notices it
  };
  struct NetworkBack {};
  using Deed = std::variant<BotAction, DropPage, CloseTab, LoadPage, Leave, Return, AskForNext,
                            CutSignaling, NetworkBack>;

  StepRunner(std::vector<PlannedStep> steps, std::uint64_t seed);

  // What the next step waits for; nullopt: it does not wait.
  std::optional<StepTrigger> awaited() const;
  void onTrigger(Instant at);    // it has come
  void onComplete(Instant at);   // every link is there and up
  void returnEarly(Instant at);  // from a Leave: somebody calls
  void onTime(Instant at);
  std::optional<Instant> due() const;  // of onTime()
  void disarm(Instant at);             // the bot has failed: no new step
  void stop(Instant at);               // the bot leaves

  Phase phase() const { return phase_; }
  bool isInStep() const { return phase_ == Phase::kTaking || phase_ == Phase::kReturning; }
  bool isThrough() const { return phase_ == Phase::kThrough; }
  // A bot of a match that was left looks for the next partner by itself, but for other steps.
  bool leavesRoomForPartners() const;
  // While nothing passes to the signaling server.
  std::optional<Instant> signalingHeldUntil() const;
  std::vector<Deed> takeDeeds() { return std::exchange(deeds_, {}); }

 private:
  const Step& step() const { return steps_[next_].step; }
  bool isOfNetwork() const { return rowOf(step().kind).effect == StepEffect::kLosesPackets; }
  void enter(Phase phase, Instant at, const char* why);  // the only writer of phase_
  bool isConsistent() const;
  void act(BotAction action) { deeds_.emplace_back(std::move(action)); }
  void take(Instant at);
  void over(Instant at, const char* why);  // the step itself; its consequences may go on
  void end(Instant at);
  void reload(Instant at);
  void changeAddress(Instant at);
  void cutSocket(Instant at);

  std::vector<PlannedStep> steps_;
  std::uint64_t seed_;
  Phase phase_ = Phase::kWaiting;
  std::size_t next_ = 0;  // or the one that is taken
  std::optional<Instant> begin_at_, end_at_, reload_at_;
  int reloads_left_ = 0, addresses_used_ = 0;
  std::vector<Deed> deeds_;
};

}  // namespace turnout
