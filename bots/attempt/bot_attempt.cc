#include "bots/attempt/bot_attempt.h"

namespace turnout {

void BotAttempt::start(Instant at) {
  TURNOUT_CHECK(phase_ == Phase::kIdle, "a bot starts once");
  enter(Phase::kJoining);
  record(at, BotStarted{toNs(plan_.scheduled)});
  act(Deadline{plan_.scheduled + plan_.join});
  act(JoinRoom{});
}

void BotAttempt::onJoined(Instant at, const std::vector<Neighbour>& present) {
  if (phase_ != Phase::kJoining)
    return;
  enter(Phase::kInRoom);
  signaling_up_ = true;
  record(at, BotJoined{static_cast<int>(present.size())});
  act(Deadline{plan_.scheduled + plan_.connect});
  for (const Neighbour& peer : present)
    open(at, peer, LinkAttempt::Role::kOfferer);
}

void BotAttempt::onRejected(Instant at, const std::string& reason) {
  if (phase_ == Phase::kJoining)
    fail(at, FailureCause::kJoinRejected, reason);
}

void BotAttempt::onPeerJoined(Instant at, const Neighbour& peer) {
  if (phase_ == Phase::kInRoom)
    open(at, peer, LinkAttempt::Role::kAnswerer);
}

void BotAttempt::open(Instant, const Neighbour& peer, LinkAttempt::Role role) {
  if (opened_.insert(peer.id).second)  // the same peer told twice is one peer
    act(OpenLink{peer.id, peer.user, role});
}

void BotAttempt::onSignalingDown(Instant at, const std::string& what) {
  signaling_up_ = false;
  switch (phase_) {
    case Phase::kJoining:
      fail(at, FailureCause::kSignalingUnreachable, what);
      return;
    case Phase::kInRoom:
      // Links that are up live on without signaling; only what still connects is lost. Peers that
      // had not come yet never will.
      act(TellLinksSignalingLost{what});
      if (static_cast<int>(opened_.size()) < plan_.expected_links)
        fail(at, FailureCause::kSignalingLost, what);
      return;
    case Phase::kLeaving:
      gone(at, BotLeft{false});
      return;
    case Phase::kIdle:
    case Phase::kFailed:
    case Phase::kGone:
      return;
  }
}

void BotAttempt::onLinkSettled(Instant, const std::string& peer_id, bool up) {
  settled_links_.insert(peer_id);
  all_up_ = all_up_ && up;
  if (static_cast<int>(settled_links_.size()) >= plan_.expected_links &&
      (phase_ == Phase::kInRoom || phase_ == Phase::kFailed)) {
    act(ClearDeadline{});
    settle();
  }
}

void BotAttempt::onLeft(Instant at) {
  if (phase_ == Phase::kLeaving)
    gone(at, BotLeft{true});
}

void BotAttempt::onDeadline(Instant at) {
  switch (phase_) {
    case Phase::kJoining:
      fail(at, FailureCause::kJoinTimeout, "no answer to join before the join deadline");
      return;
    case Phase::kInRoom:
      if (static_cast<int>(opened_.size()) < plan_.expected_links)
        fail(at, FailureCause::kPeerMissing,
             std::to_string(plan_.expected_links - static_cast<int>(opened_.size())) +
                 " of the other bots did not come to the room");
      return;
    case Phase::kLeaving:
      gone(at, BotLeft{false});
      return;
    case Phase::kIdle:
    case Phase::kFailed:
    case Phase::kGone:
      return;
  }
}

void BotAttempt::leave(Instant at) {
  if (phase_ == Phase::kLeaving || phase_ == Phase::kGone)
    return;
  act(EndLinks{});
  if (!signaling_up_) {
    gone(at, BotLeft{false});
    return;
  }
  enter(Phase::kLeaving);
  act(LeaveRoom{});
  act(Deadline{at + plan_.leave});
}

void BotAttempt::interrupt(Instant at) {
  if (!settled_ && (phase_ == Phase::kJoining || phase_ == Phase::kInRoom))
    fail(at, FailureCause::kInterrupted, "the run was stopped");
  leave(at);
}

void BotAttempt::fail(Instant at, FailureCause cause, const std::string& detail) {
  record(at, BotFailed{cause, detail});
  enter(Phase::kFailed);
  act(ClearDeadline{});
  all_up_ = false;
  settle();
}

void BotAttempt::settle() {
  if (std::exchange(settled_, true))
    return;
  act(BotSettled{all_up_});
}

void BotAttempt::gone(Instant at, const BotLeft& how) {
  enter(Phase::kGone);
  act(ClearDeadline{});
  record(at, how);
  act(BotGone{});
}

}  // namespace turnout
