// One bot's part in one call: get in, have links with the others, take the steps of the scenario,
// leave. It joins three machines and adds only what needs more than one of them:
//
//   Membership  the socket, the session, the way in and back        (membership.h)
//   LinkSet     who has to be there, and a machine for each link    (link_set.h)
//   StepRunner  what the bot does on purpose, and when              (step_runner.h)
//
// No sockets, clocks or threads: what happened goes in with its time; what to do comes out as
// actions, in order. Its state, as the call must know it, is told by StateTold whenever it changes:
//
//   state   | when
//   --------+------------------------------------------------------------------------------------
//   kBusy   | at first; while a step, a link or the way back is awaited
//   kSteady | everything is up, no step is left, and nobody vanished without the server saying so
//   kFailed | something failed, and nothing can change for the better: every link has settled
#pragma once

#include "bots/attempt/bot_action.h"
#include "bots/attempt/link_set.h"
#include "bots/attempt/membership.h"
#include "bots/attempt/step_runner.h"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace turnout {

struct BotPlan {
  Instant scheduled;
  Entry::Plan entry;
  std::vector<PlannedStep> steps;  // of this bot in this call
  milliseconds longest_drop{0};    // of the network, by whichever bot
  std::uint64_t seed = 1;
  RecoveryPolicy recovery{};
  std::set<MediaKind> media{};  // that every link must receive
  std::map<MediaKind, MediaDirection> expected{};
  bool relay_only = false;
  std::optional<MessageLoad> messages{};

  const Scenario::Deadlines& deadlines() const { return entry.deadlines; }
};

class BotAttempt {
 public:
  using LastHeard = std::function<std::optional<Instant>(int link)>;

  // `last_heard`: when something last came over the peer connection of a link, if anything did.
  explicit BotAttempt(
      BotPlan plan, LastHeard last_heard = [](int) { return std::nullopt; });

  void start(Instant at);
  void onSignal(const SignalEvent& event);
  void onPeer(int link, const PeerEvent& event);
  // A peer connection could not be made, or did not take what it was told.
  void onPeerRefused(int link, Instant at, const std::string& what);
  void onVanished(Instant at, int participant);  // who is known to have: the server must say so
  void onTime(Instant at);
  std::optional<Instant> due() const;  // of onTime()
  void leave(Instant at);
  void interrupt(Instant at);  // the run was stopped: leave, and say so if nothing was decided yet

  Membership::Phase phase() const { return membership_.phase(); }
  BotState state() const { return state_; }
  std::vector<BotAction> takeActions() { return std::exchange(actions_, {}); }

 private:
  void act(BotAction action) { actions_.push_back(std::move(action)); }
  void record(Instant at, EventBody body) { act(Record{at, std::move(body), -1}); }
  void recordOf(Instant at, int peer, EventBody body) { act(Record{at, std::move(body), peer}); }

  void settleAll(Instant at);       // after every input
  void followMachines(Instant at);  // until they are quiet
  void follow(Instant at, Membership::News& news);
  void follow(Instant at, const LinkNews& news);
  void follow(Instant at, StepRunner::Deed& deed);
  void getIn(Instant at, const std::vector<Peer>& peers);
  void open(Instant at, const Peer& peer);
  void onPeerBack(Instant at, const SignalPeerBack& back);
  void onPartnerLeft(Instant at, const std::string& peer_id, const std::string& reason);
  void onStillIn(Instant at, const std::vector<Peer>& peers);
  void onLostSocket(Instant at, const std::string& what);
  void onLinkSettled(Instant at, const LinkNews& news);
  void dropAll(Instant at);
  void expectAllButVanished();
  bool isLeftAlone() const;
  void onRefused(Instant at, const Membership::Refused& refused);
  void onIncomplete(Instant at);
  void considerComplete(Instant at);
  void considerSteps(Instant at);
  bool isIn() const { return phase() == Membership::Phase::kIn; }
  bool isReached(StepTrigger trigger) const;
  bool isSeeking() const;   // in a match, and not through with its steps
  bool isComplete() const;  // everybody who is expected is there, and up
  bool isDecided() const;   // nothing can change for the better: all have come and settled
  void tellState();
  void fail(Instant at, FailureCause cause, const std::string& detail);

  BotPlan plan_;
  Participants participants_;
  Membership membership_;
  LinkSet links_;
  StepRunner steps_;
  BotState state_ = BotState::kBusy;
  std::set<int> vanished_;  // who will never come back, by participant
  bool was_up_ = false, has_failed_ = false;
  std::optional<Instant> complete_by_;
  std::vector<BotAction> actions_;
};

}  // namespace turnout
