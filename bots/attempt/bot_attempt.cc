#include "bots/attempt/bot_attempt.h"

#include <algorithm>

namespace turnout {
namespace {

using Phase = Membership::Phase;

// Beyond the grace period, for a server to notice that it is over and to say so.
constexpr Duration kReportMargin = 3s;
// Until an Engine.IO client misses the server's pings: interval and timeout of the default server.
constexpr Duration kNoticeSilence = 45s;

LinkSet::Plan linkPlan(const BotPlan& plan, BotAttempt::LastHeard last_heard) {
  return {.user = plan.entry.participants.botName(plan.entry.bot),
          .scheduled = plan.scheduled,
          .deadlines = plan.deadlines(),
          .recovery = plan.recovery,
          .media = plan.media,
          .expected = plan.expected,
          .relay_only = plan.relay_only,
          .messages = plan.messages,
          .last_heard = std::move(last_heard)};
}

}  // namespace

BotAttempt::BotAttempt(BotPlan plan, LastHeard last_heard)
    : plan_(std::move(plan)),
      participants_(plan_.entry.participants),
      membership_(plan_.entry, plan_.seed),
      links_(linkPlan(plan_, std::move(last_heard))),
      steps_(plan_.steps, plan_.seed) {}

void BotAttempt::start(Instant at) {
  record(at, BotStarted{toNs(plan_.scheduled)});
  links_.expect(plan_.entry.shape.participants() - 1);
  membership_.start(plan_.scheduled);
  settleAll(at);
}

void BotAttempt::onSignal(const SignalEvent& event) {
  const Instant at = event.at;
  std::visit(Overloaded{[&](const SignalPeerJoined& joined) {
                          if (isIn())
                            open(at, peerOf(joined.peer, joined.we_offer));
                        },
                        [&](const SignalPeerBack& back) { onPeerBack(at, back); },
                        [&](const SignalPeerLeft& left) { onPartnerLeft(at, left.id, "left"); },
                        [&](const SignalDescription& body) { links_.onDescription(body, at); },
                        [&](const SignalCandidate& body) { links_.onCandidate(body, at); },
                        [&](const SignalPing& body) { links_.onPing(body, at); },
                        [&](const SignalUnread& body) {
                          recordOf(at, links_.indexOf(body.from),
                                   AppFaultSeen{AppFault::kUnknownSignal, body.what});
                        },
                        [&](const auto&) { membership_.onSignal(event, !links_.isEmpty()); }},
             event.body);
  settleAll(at);
}

void BotAttempt::onPeer(int link, const PeerEvent& event) {
  links_.onPeer(link, event);
  settleAll(event.at);
}

void BotAttempt::onPeerRefused(int link, Instant at, const std::string& what) {
  links_.onRefused(link, at, what);
  settleAll(at);
}

void BotAttempt::settleAll(Instant at) {
  followMachines(at);
  considerSteps(at);
  membership_.holdSockets(steps_.signalingHeldUntil());
  tellState();
}

// What one machine says may move another: until none has anything to say.
void BotAttempt::followMachines(Instant at) {
  const auto followOne = [&](auto& output) {
    std::visit(Overloaded{[&](BotAction& action) { act(std::move(action)); },
                          [&](auto& news) { follow(at, news); }},
               output);
  };
  for (auto outputs = membership_.takeOutputs(); !outputs.empty();
       outputs = membership_.takeOutputs())
    std::ranges::for_each(outputs, followOne);
  auto of_links = links_.takeOutputs();
  std::ranges::for_each(of_links, followOne);
  auto deeds = steps_.takeDeeds();
  for (StepRunner::Deed& deed : deeds) {
    follow(at, deed);
    followMachines(at);
  }
  if (!of_links.empty() || !deeds.empty())
    followMachines(at);
}

void BotAttempt::follow(Instant at, Membership::News& news) {
  using M = Membership;
  std::visit(Overloaded{[&](const M::Entered& entered) { getIn(at, entered.peers); },
                        [&](const M::StillIn& still) { onStillIn(at, still.peers); },
                        [&](const M::LostSocket& lost) { onLostSocket(at, lost.what); },
                        [&](const M::FoundSocket&) {
                          links_.postponeReports(at + kReportMargin);
                          considerComplete(at);
                        },
                        [&](const M::PartnerGone& gone) {
                          onPartnerLeft(at, links_.anyPeer(), gone.reason);
                        },
                        [&](const M::NewPartner&) { links_.closeAll(at); },
                        [&](const M::CalledMeanwhile& called) {
                          steps_.returnEarly(at);
                          expectAllButVanished();
                          membership_.resume(called.event);
                        },
                        [&](const M::Refused& refused) { onRefused(at, refused); },
                        [&](const M::Gone& gone) {
                          complete_by_.reset();
                          record(at, BotLeft{gone.clean});
                          act(BotGone{BotGone::How::kLeft});
                        }},
             news);
}

void BotAttempt::follow(Instant at, const LinkNews& news) {
  switch (news.kind) {
    case LinkNews::Kind::kConnected:
    case LinkNews::Kind::kReplaced:
      return;
    case LinkNews::Kind::kSettled:
      return onLinkSettled(at, news);
    case LinkNews::Kind::kDown:
      if (!complete_by_)
        complete_by_ = at + plan_.longest_drop + plan_.deadlines().recover;
      return;
    case LinkNews::Kind::kUp:
      return considerComplete(at);
  }
}

void BotAttempt::follow(Instant at, StepRunner::Deed& deed) {
  using S = StepRunner;
  std::visit(Overloaded{[&](BotAction& action) {
                          const bool moves = std::holds_alternative<ChangeAddress>(action);
                          act(std::move(action));
                          if (moves)
                            links_.onAddressChanged(at);
                        },
                        [&](const S::DropPage&) {
                          dropAll(at);
                          membership_.dropPage(at);
                        },
                        [&](const S::CloseTab&) {
                          membership_.goForGood(at);
                          record(at, BotLeft{false});
                          act(BotGone{BotGone::How::kVanished});
                        },
                        [&](const S::LoadPage&) {
                          expectAllButVanished();
                          membership_.comeBack(at, Entry::Reason::kAfterCut);
                        },
                        [&](const S::Leave&) {
                          dropAll(at);
                          membership_.goAway(at);
                        },
                        [&](const S::Return&) {
                          expectAllButVanished();
                          membership_.comeBack(at, Entry::Reason::kAfterLeave);
                        },
                        [&](const S::AskForNext&) {
                          dropAll(at);
                          membership_.forgetCall();
                          membership_.seekNextPartner(at);
                        },
                        [&](const S::CutSignaling& cut) {
                          if (cut.how == CutSocket::How::kSilently)
                            complete_by_ = at + kNoticeSilence + plan_.deadlines().recover;
                          membership_.cutSocket(at, cut.how, cut.what);
                        },
                        [&](const S::NetworkBack&) {
                          complete_by_ = at + plan_.deadlines().recover;
                          links_.postponeReports(at + kReportMargin);
                          considerComplete(at);
                        }},
             deed);
}

void BotAttempt::getIn(Instant at, const std::vector<Peer>& peers) {
  const Entry& entry = membership_.entry();
  const CallShape& shape = plan_.entry.shape;
  links_.usePage(membership_.page());
  links_.onSignalingBack(at);
  if (was_up_)
    complete_by_ = at + plan_.deadlines().recover;
  else if (shape.guests > 0 && shape.kind == CallMode::kRoom)
    complete_by_ = at + plan_.deadlines().wait;
  else
    complete_by_ =
        (entry.isFirst() ? plan_.scheduled + entry.waited() : at) + plan_.deadlines().connect;
  for (const Peer& peer : peers)
    open(at, peer);
  if (!links_.isEmpty())  // that are kept
    considerComplete(at);
}

void BotAttempt::open(Instant at, const Peer& peer) {
  if (links_.keeps(at, peer))
    return;
  const CallShape& shape = plan_.entry.shape;
  const int index = participants_.indexOf(peer.user);
  const bool is_guest = shape.kind == CallMode::kRoom && index >= shape.bots;
  LinkSet::Opening how{
      .begin = at, .connect = plan_.deadlines().connect, .outlives_signaling = was_up_};
  if (was_up_)
    how.connect = plan_.deadlines().recover;
  else if (is_guest && !peer.we_offer)  // came when it liked
    recordOf(at, index, GuestCame{toMs(at - plan_.scheduled)});
  else if (!is_guest && membership_.entry().isFirst())
    how.begin = plan_.scheduled + membership_.entry().waited();
  links_.open(at, peer, index, how);
}

void BotAttempt::onPeerBack(Instant at, const SignalPeerBack& back) {
  if (!isIn())
    return;
  membership_.forgiveRefusals(at);
  recordOf(at, participants_.indexOf(back.peer.user), PartnerReturned{});
  open(at, peerOf(back.peer, back.we_offer));
  if (back.was != back.peer.id)
    links_.close(at, back.was);
}

// What the session is still in, after the socket was lost and the links were not.
void BotAttempt::onStillIn(Instant at, const std::vector<Peer>& peers) {
  std::set<std::string> users;
  membership_.forgiveRefusals(at);
  for (const Peer& peer : peers) {
    users.insert(peer.user);
    open(at, peer);
  }
  for (const std::string& id : links_.peersBut(users))
    onPartnerLeft(at, id, "left meanwhile");
  links_.onSignalingBack(at);
  considerComplete(at);
}

void BotAttempt::onPartnerLeft(Instant at, const std::string& peer_id, const std::string& reason) {
  if (!isIn())
    return;
  const int index = links_.indexOf(peer_id);
  membership_.forgiveRefusals(at);
  recordOf(at, index, PartnerLeft{reason});
  links_.forgetVanished(index);
  links_.close(at, peer_id);
  if (!was_up_)
    return fail(at, FailureCause::kPartnerLeft, reason);
  if (index < 0)  // of somebody we know nothing of, or are told too late
    return;
  links_.expectOneLess();
  if (!isSeeking())
    return considerComplete(at);
  links_.expect(1);
  membership_.seekPartner(at);
}

// Links that are up live on without signaling; only a first one that still connects is lost, and who
// had not come yet is not waited for.
void BotAttempt::onLostSocket(Instant at, const std::string& what) {
  links_.forgetVanished();  // nobody can tell us any more
  links_.onSignalingLost(at, what);
  if (!was_up_ && !links_.areAllThere())
    return fail(at, FailureCause::kSignalingLost, what);
  if (steps_.isInStep())
    complete_by_ = at + plan_.longest_drop + plan_.deadlines().recover;
}

void BotAttempt::onLinkSettled(Instant at, const LinkNews& news) {
  has_failed_ = has_failed_ || !news.how.up;
  if (!news.how.up && membership_.isUnderAnOldId() && links_.roundsTo(news.index) > 1 &&
      news.how.cause == FailureCause::kNegotiation)
    recordOf(at, news.index,
             AppFaultSeen{AppFault::kDeafAfterReturn,
                          "the server goes on with the id of the socket that is gone"});
  considerComplete(at);
}

void BotAttempt::dropAll(Instant at) {
  complete_by_.reset();
  links_.forgetVanished();
  links_.closeAll(at);
}

void BotAttempt::expectAllButVanished() {
  links_.expect(plan_.entry.shape.participants() - 1 - static_cast<int>(vanished_.size()));
}

// In a call of two, when the other one has gone for good: there is nobody to ring.
bool BotAttempt::isLeftAlone() const {
  const CallShape& shape = plan_.entry.shape;
  return was_up_ && shape.kind == CallMode::kCall &&
         static_cast<int>(vanished_.size()) >= shape.participants() - 1;
}

void BotAttempt::onRefused(Instant at, const Membership::Refused& refused) {
  if (!isLeftAlone())
    return fail(at, refused.cause, refused.detail);
  membership_.stayAway(at);
  considerComplete(at);
}

void BotAttempt::onVanished(Instant at, int participant) {
  vanished_.insert(participant);
  if (isIn())
    links_.onVanished(at, participant, membership_.grace() + kReportMargin);
  settleAll(at);
}

bool BotAttempt::isReached(StepTrigger trigger) const {
  if (trigger == StepTrigger::kJoined)
    return membership_.isRegistered();
  return isIn() && links_.areAllThere() &&
         (trigger == StepTrigger::kConnected ? links_.areAllConnected() : links_.areAllUp());
}

void BotAttempt::considerSteps(Instant at) {
  if (has_failed_ || (!isIn() && phase() != Phase::kEntering))
    return;
  if (const auto trigger = steps_.awaited(); trigger && isReached(*trigger))
    steps_.onTrigger(at);
}

bool BotAttempt::isSeeking() const {
  return plan_.entry.shape.kind == CallMode::kMatch && steps_.leavesRoomForPartners();
}

std::optional<Instant> BotAttempt::due() const {
  std::optional<Instant> first = complete_by_;
  for (const auto& at : {membership_.due(), links_.due(), steps_.due()}) {
    if (at && (!first || *at < *first))
      first = at;
  }
  return first;
}

void BotAttempt::onTime(Instant at) {
  steps_.onTime(at);
  settleAll(at);
  membership_.onTime(at);
  settleAll(at);
  links_.onTime(at);
  settleAll(at);
  if (!membership_.hearsServer())
    links_.postponeReports(at + kReportMargin);
  while (const auto participant = links_.takeUnreported(at)) {
    recordOf(at, *participant,
             AppFaultSeen{AppFault::kGhostPartner, "not told within the grace period and 3 s"});
    considerComplete(at);
  }
  if (complete_by_ && *complete_by_ <= at) {
    complete_by_.reset();
    onIncomplete(at);
  }
  settleAll(at);
}

void BotAttempt::onIncomplete(Instant at) {
  if (isComplete() || !isIn())
    return;
  if (steps_.isInStep() && membership_.lacksSocket())
    fail(at, FailureCause::kSignalingLost, "did not get back to the signaling server in time");
  else if (links_.missing() > 0)
    fail(at, FailureCause::kPeerMissing,
         std::to_string(links_.missing()) + " of the others did not come");
  else if (was_up_)
    fail(at, FailureCause::kNoMedia, "media did not come back in time");
}

void BotAttempt::leave(Instant at) {
  if (phase() == Phase::kLeaving || phase() == Phase::kGone)
    return;
  steps_.stop(at);
  followMachines(at);
  dropAll(at);
  followMachines(at);
  membership_.leave(at);
  settleAll(at);
}

void BotAttempt::interrupt(Instant at) {
  if (!was_up_ && !has_failed_ && (phase() == Phase::kEntering || isIn()))
    fail(at, FailureCause::kInterrupted, "the run was stopped");
  leave(at);
}

void BotAttempt::considerComplete(Instant at) {
  if (!isComplete())
    return;
  was_up_ = true;
  complete_by_.reset();
  steps_.onComplete(at);
}

bool BotAttempt::isComplete() const {
  if (isLeftAlone() && phase() == Phase::kAway)
    return true;
  const bool lacks_socket = steps_.isInStep() && membership_.lacksSocket();
  return isIn() && !lacks_socket && links_.areAllThere() && links_.areAllUp();
}

bool BotAttempt::isDecided() const {
  return phase() == Phase::kFailed || (links_.areAllThere() && links_.areAllSettled());
}

void BotAttempt::tellState() {
  if (phase() == Phase::kGone || phase() == Phase::kLeaving)
    return;
  BotState state = BotState::kBusy;
  if (has_failed_ && isDecided())
    state = BotState::kFailed;
  else if (was_up_ && steps_.isThrough() && !links_.isWaitingForNews() && isComplete())
    state = BotState::kSteady;
  if (state != std::exchange(state_, state))
    act(StateTold{state});
}

void BotAttempt::fail(Instant at, FailureCause cause, const std::string& detail) {
  record(at, BotFailed{cause, detail});
  membership_.fail(at, detail.c_str());
  complete_by_.reset();
  steps_.disarm(at);
  has_failed_ = true;
}

}  // namespace turnout
