#include "bots/attempt/bot_attempt.h"

#include "tests/unit/attempt/driven_bot.h"

#include <functional>

#include <gtest/gtest.h>

namespace turnout {
namespace {

TEST(BotAttempt, RecordsTheScheduledInstantSoThatItsLagCanBeTold) {
  Driven bot;
  const auto actions = bot.actions();
  EXPECT_EQ(all<OpenSocket>(actions).size(), 1u);
  ASSERT_EQ(recorded<BotStarted>(actions).size(), 1u);
  EXPECT_EQ(recorded<BotStarted>(actions)[0].scheduled_ns, toNs(kStart));
}

TEST(BotAttempt, TheLaterJoinerOffersToEveryoneAlreadyThere) {
  Driven bot(shapeOf(CallMode::kRoom, 4), {}, 3);
  bot.join({kAnn, kBen});
  bot.hear(9ms, SignalPeerJoined{kCat});
  const auto opened = all<OpenLink>(bot.actions());
  ASSERT_EQ(opened.size(), 3u);
  EXPECT_TRUE(opened[0].peer.we_offer);
  EXPECT_TRUE(opened[1].peer.we_offer);
  EXPECT_FALSE(opened[2].peer.we_offer);
  EXPECT_EQ(opened[2].index, 2);
}

TEST(BotAttempt, APeerToldTwiceIsOnePeer) {
  Driven bot;
  bot.join({kBen});
  bot.hear(9ms, SignalPeerJoined{kBen});
  EXPECT_EQ(all<OpenLink>(bot.actions()).size(), 1u);
}

TEST(BotAttempt, IsSteadyWhenEveryExpectedLinkIsUp) {
  Driven bot(shapeOf(CallMode::kRoom, 3));
  bot.join({kBen, kCat});
  bot.linkUp(20ms, "b");
  EXPECT_EQ(bot.machine.state(), BotState::kBusy);
  bot.linkUp(30ms, "c");
  EXPECT_EQ(bot.machine.state(), BotState::kSteady);
  EXPECT_EQ(all<StateTold>(bot.actions()).size(), 1u);
}

TEST(BotAttempt, HasFailedOnlyWhenItsOtherLinksAreDecidedToo) {
  Driven bot(shapeOf(CallMode::kRoom, 3));
  bot.join({kBen, kCat});
  bot.linkFails(20ms, "b");
  EXPECT_EQ(bot.machine.state(), BotState::kBusy);
  bot.linkUp(30ms, "c");
  EXPECT_EQ(bot.machine.state(), BotState::kFailed);
}

TEST(BotAttempt, EachWayNotToGetInHasItsCause) {
  struct Row {
    std::function<void(Driven&)> event;
    FailureCause cause;
  };
  const Row rows[] = {
      {[](Driven& bot) {
         bot.hear(1ms, SignalConnected{});
         bot.hear(2ms, SignalRegistered{"key", false, 5000ms});
         bot.hear(3ms, SignalRefused{SignalRequest::kJoin, "room_full", Refusal::kFull});
       },
       FailureCause::kJoinRejected},
      {[](Driven& bot) {
         bot.hear(1ms, SignalDown{"refused"});
         bot.passTime();
         bot.hear(2s, SignalDown{"refused"});
       },
       FailureCause::kSignalingUnreachable},
      {[](Driven& bot) { bot.passTime(); }, FailureCause::kJoinTimeout},
  };
  for (const Row& row : rows) {
    Driven bot;
    row.event(bot);
    const auto failed = recorded<BotFailed>(bot.actions());
    ASSERT_EQ(failed.size(), 1u);
    EXPECT_EQ(failed[0].cause, row.cause);
    EXPECT_EQ(bot.machine.state(), BotState::kFailed);
  }
}

TEST(BotAttempt, OthersWhoNeverComeAreAFailureAtTheConnectDeadline) {
  Driven bot;
  bot.join({});
  EXPECT_EQ(bot.machine.due(), kStart + 15s);
  bot.passTime();
  const auto failed = recorded<BotFailed>(bot.actions());
  ASSERT_EQ(failed.size(), 1u);
  EXPECT_EQ(failed[0].cause, FailureCause::kPeerMissing);
}

TEST(BotAttempt, WhoHangsUpBeforeTheCallIsUpIsTheCauseOfItsFailure) {
  Driven bot;
  bot.join({kBen});
  bot.hear(50ms, SignalPeerLeft{"b"});
  const auto actions = bot.actions();
  EXPECT_EQ(recorded<BotFailed>(actions).at(0).cause, FailureCause::kPartnerLeft);
  EXPECT_EQ(all<CloseLink>(actions).size(), 1u);
}

TEST(BotAttempt, LinksThatAreUpOutliveTheSignalingServer) {
  Driven bot;
  bot.join({kBen});
  bot.linkUp(20ms, "b");
  bot.actions();
  bot.hear(1s, SignalDown{"server gone"});
  const auto actions = bot.actions();
  EXPECT_EQ(recorded<SocketLost>(actions).size(), 1u);
  EXPECT_TRUE(all<CloseLink>(actions).empty());
  EXPECT_TRUE(recorded<BotFailed>(actions).empty());
  bot.machine.leave(kStart + 2s);
  EXPECT_EQ(all<BotGone>(bot.actions()).size(), 1u);
}

TEST(BotAttempt, LeavesThenSaysGoodbyeAndIsGoneWhenTheConnectionIs) {
  Driven bot;
  bot.join({kBen});
  bot.linkUp(20ms, "b");
  bot.actions();
  bot.machine.leave(kStart + 1s);
  const auto leaving = bot.actions();
  EXPECT_EQ(all<CloseLink>(leaving).size(), 1u);
  EXPECT_EQ(requestsIn(leaving), std::vector{SignalRequest::kLeave});
  bot.hear(1001ms, SignalLeft{});
  EXPECT_EQ(all<SayGoodbye>(bot.actions()).size(), 1u);
  bot.hear(1002ms, SignalDown{"closed"});
  const auto left = bot.actions();
  EXPECT_TRUE(recorded<BotLeft>(left).at(0).clean);
  EXPECT_EQ(all<BotGone>(left).size(), 1u);
}

TEST(BotAttempt, AnUnansweredLeaveEndsAtItsDeadline) {
  Driven bot;
  bot.join({});
  bot.machine.leave(kStart + 1s);
  bot.actions();
  EXPECT_EQ(bot.machine.due(), kStart + 4s);
  bot.passTime();
  const auto left = bot.actions();
  EXPECT_FALSE(recorded<BotLeft>(left).at(0).clean);
  EXPECT_EQ(all<BotGone>(left).size(), 1u);
}

TEST(BotAttempt, AStoppedRunInterruptsOnlyWhatWasNotDecided) {
  Driven waiting;
  waiting.join({});
  waiting.machine.interrupt(kStart + 1s);
  EXPECT_EQ(recorded<BotFailed>(waiting.actions()).at(0).cause, FailureCause::kInterrupted);

  Driven up;
  up.join({kBen});
  up.linkUp(20ms, "b");
  up.machine.interrupt(kStart + 1s);
  EXPECT_TRUE(recorded<BotFailed>(up.actions()).empty());
}

TEST(BotAttempt, AFailedBotStillLeavesTheRoomItIsIn) {
  Driven bot;
  bot.join({});
  bot.passTime();
  bot.actions();
  bot.machine.leave(kStart + 15'001ms);
  EXPECT_EQ(requestsIn(bot.actions()), std::vector{SignalRequest::kLeave});
}

TEST(BotAttempt, ARefreshCutsEverythingAndComesBackWithTheKeyOfItsSession) {
  Driven bot(CallShape{}, {stepOf(StepKind::kRefresh)});
  bot.join({kBen});
  bot.linkUp(20ms, "b");
  EXPECT_EQ(bot.machine.state(), BotState::kBusy) << "a step is left";
  bot.actions();
  EXPECT_EQ(bot.machine.due(), kStart + 520ms);
  bot.passTime();
  const auto cut = bot.actions();
  EXPECT_EQ(recorded<StepTaken>(cut).at(0).action, StepKind::kRefresh);
  EXPECT_EQ(all<CloseLink>(cut).size(), 1u);
  EXPECT_EQ(all<DropSocket>(cut).size(), 1u);
  EXPECT_TRUE(requestsIn(cut).empty()) << "no goodbye";

  EXPECT_EQ(bot.machine.due(), kStart + 1320ms);
  bot.passTime();
  EXPECT_EQ(all<OpenSocket>(bot.actions()).size(), 1u);
  bot.hear(1321ms, SignalConnected{});
  EXPECT_EQ(all<AskServer>(bot.actions()).at(0).key, "key");
  bot.hear(1322ms, SignalRegistered{"key", true, 5000ms});
  bot.hear(1323ms, SignalBack{SignalBack::Place::kRoom, "", {kBen}, false});
  const auto back = bot.actions();
  EXPECT_TRUE(recorded<SessionResumed>(back).at(0).resumed);
  EXPECT_DOUBLE_EQ(recorded<SessionResumed>(back).at(0).away_ms, 802);
  ASSERT_EQ(all<OpenLink>(back).size(), 1u);
  EXPECT_TRUE(all<OpenLink>(back)[0].peer.we_offer) << "who comes back offers";
  EXPECT_EQ(all<OpenLink>(back)[0].round, 2);
  bot.linkUp(1400ms, "b");
  EXPECT_EQ(bot.machine.state(), BotState::kSteady);
}

TEST(BotAttempt, ASessionThatIsGoneWithinTheGracePeriodIsAFaultOfTheApp) {
  Driven bot(CallShape{}, {stepOf(StepKind::kRefresh)});
  bot.join({kBen});
  bot.linkUp(20ms, "b");
  bot.passTime();
  bot.passTime();
  bot.actions();
  bot.hear(1321ms, SignalConnected{});
  bot.hear(1322ms, SignalRegistered{"other", false, 5000ms});
  const auto actions = bot.actions();
  EXPECT_EQ(recorded<AppFaultSeen>(actions).at(0).fault, AppFault::kNotResumed);
  EXPECT_EQ(requestsIn(actions).back(), SignalRequest::kJoin) << "and joins anew";
}

TEST(BotAttempt, ThePartnerOfWhoComesBackMakesRoomForTheNewLink) {
  Driven bot;
  bot.join({kBen});
  bot.linkUp(20ms, "b");
  bot.actions();
  bot.hear(1s, SignalPeerBack{{"b2", "r-bot-1"}, "b"});
  const auto actions = bot.actions();
  EXPECT_EQ(recorded<PartnerReturned>(actions).size(), 1u);
  EXPECT_EQ(all<CloseLink>(actions).at(0).link, 1);
  ASSERT_EQ(all<OpenLink>(actions).size(), 1u);
  EXPECT_FALSE(all<OpenLink>(actions)[0].peer.we_offer);
  EXPECT_EQ(all<OpenLink>(actions)[0].round, 2);
  EXPECT_EQ(bot.machine.state(), BotState::kBusy);
}

TEST(BotAttempt, APoliteLeaverWhoIsRefusedLaterHasFoundARoomThatWasKept) {
  Driven bot(CallShape{}, {stepOf(StepKind::kLeave)});
  bot.join({kBen});
  bot.linkUp(20ms, "b");
  bot.passTime();
  EXPECT_EQ(requestsIn(bot.actions()).back(), SignalRequest::kLeave);
  bot.hear(521ms, SignalLeft{});
  bot.passTime();
  EXPECT_EQ(requestsIn(bot.actions()).back(), SignalRequest::kJoin);
  bot.hear(1321ms, SignalRefused{SignalRequest::kJoin, "double_join", Refusal::kAlreadyIn});
  const auto actions = bot.actions();
  EXPECT_EQ(recorded<SessionError>(actions).at(0).error, "double_join");
  EXPECT_EQ(recorded<AppFaultSeen>(actions).at(0).fault, AppFault::kNotCleanedUp);
  EXPECT_EQ(bot.machine.due(), kStart + 1821ms) << "one retry after 500 ms";
}

TEST(BotAttempt, ATabThatIsKilledTellsNobody) {
  Driven bot(CallShape{}, {stepOf(StepKind::kTabKill)});
  bot.join({kBen});
  bot.linkUp(20ms, "b");
  bot.actions();
  bot.passTime();
  const auto actions = bot.actions();
  EXPECT_TRUE(requestsIn(actions).empty());
  EXPECT_EQ(all<DropSocket>(actions).size(), 1u);
  EXPECT_EQ(all<BotGone>(actions).at(0).how, BotGone::How::kVanished);
}

TEST(BotAttempt, AServerThatKeepsAVanishedPartnerFromUsHasAGhost) {
  Driven bot;
  bot.join({kBen});
  bot.linkUp(20ms, "b");
  bot.machine.onVanished(kStart + 1s, 1);
  EXPECT_EQ(bot.machine.state(), BotState::kBusy);
  bot.actions();
  EXPECT_EQ(bot.machine.due(), kStart + 9s) << "grace period and 3 s";
  bot.passTime();
  EXPECT_EQ(recorded<AppFaultSeen>(bot.actions()).at(0).fault, AppFault::kGhostPartner);
  EXPECT_EQ(bot.machine.state(), BotState::kSteady);
}

TEST(BotAttempt, AServerThatSaysSoInTimeHasNone) {
  Driven bot;
  bot.join({kBen});
  bot.linkUp(20ms, "b");
  bot.machine.onVanished(kStart + 1s, 1);
  bot.hear(6s, SignalPeerLeft{"b"});
  EXPECT_EQ(bot.machine.state(), BotState::kSteady);
  EXPECT_TRUE(recorded<AppFaultSeen>(bot.actions()).empty());
}

TEST(BotAttempt, ARingTimeoutInAnAnsweredCallIsAFaultOfTheApp) {
  Driven bot(shapeOf(CallMode::kCall, 2));
  bot.hear(1ms, SignalConnected{});
  bot.hear(2ms, SignalRegistered{"key", false, 5000ms});
  bot.hear(3ms, SignalRinging{"call-1"});
  bot.hear(4ms, SignalAnswered{"call-1", kBen, true});
  bot.linkUp(20ms, "b");
  bot.actions();
  bot.hear(30s, SignalCallOver{"call-1", "ring_timeout"});
  EXPECT_EQ(recorded<AppFaultSeen>(bot.actions()).at(0).fault, AppFault::kRingTimeoutRace);
}

TEST(BotAttempt, ASignalThatCrossedTheNewsIsNoErrorOfTheSession) {
  Driven bot;
  bot.join({kBen});
  bot.linkUp(20ms, "b");
  bot.hear(1s, SignalRefused{SignalRequest::kSignal, "stale_peer", Refusal::kStalePeer});
  bot.hear(1001ms, SignalPeerLeft{"b"});
  EXPECT_TRUE(recorded<SessionError>(bot.actions()).empty());
  EXPECT_FALSE(bot.machine.due());

  Driven other;
  other.join({kBen});
  other.linkUp(20ms, "b");
  other.hear(1s, SignalRefused{SignalRequest::kSignal, "stale_peer", Refusal::kStalePeer});
  other.passTime();
  EXPECT_EQ(recorded<SessionError>(other.actions()).at(0).error, "stale_peer");
}

TEST(BotAttempt, WhoWasHungUpOnTakesTheNextCall) {
  Driven bot(shapeOf(CallMode::kCall, 2));
  bot.hear(1ms, SignalConnected{});
  bot.hear(2ms, SignalRegistered{"key", false, 5000ms});
  bot.hear(4ms, SignalAnswered{"call-1", kBen, true});
  bot.linkUp(20ms, "b");
  bot.hear(1s, SignalCallOver{"call-1", "hung_up"});
  bot.actions();
  bot.hear(2s, SignalIncoming{"call-2", kBen});
  bot.passTime();
  EXPECT_EQ(requestsIn(bot.actions()), std::vector{SignalRequest::kAnswer});
  bot.hear(2001ms, SignalAnswered{"call-2", kBen, false});
  EXPECT_EQ(all<OpenLink>(bot.actions()).at(0).round, 2);
}

TEST(BotAttempt, ANetworkDropClosesNothingAndIsOverWhenEveryLinkIsUpAgain) {
  Step drop = stepOf(StepKind::kNetworkDrop);
  drop.lasting = 8s;
  Driven bot(CallShape{}, {drop});
  bot.join({kBen});
  bot.linkUp(20ms, "b");
  bot.actions();
  bot.passTime();
  const auto dropped = bot.actions();
  EXPECT_TRUE(all<SetNetwork>(dropped).at(0).peers.outgoing.black_hole);
  EXPECT_TRUE(all<SetNetwork>(dropped)[0].signaling_dropped);
  EXPECT_TRUE(all<CloseLink>(dropped).empty());
  bot.mediaStops(1s, "b");
  const auto restored = bot.passTimeUntil<SetNetwork>();
  EXPECT_FALSE(all<SetNetwork>(restored).at(0).peers.outgoing.black_hole);
  EXPECT_EQ(recorded<StepOver>(restored).size(), 1u);
  EXPECT_EQ(bot.machine.state(), BotState::kBusy);
  bot.mediaReturns(9s, "b");
  EXPECT_EQ(bot.machine.state(), BotState::kSteady);
}

TEST(BotAttempt, NumbersBeginAnewWithEachPairOfPagesSoThatBothEndsAgree) {
  Driven bot;
  bot.join({kBen});
  bot.linkUp(20ms, "b");
  bot.hear(8s, SignalDescription{"b", 2, "offer", "sdp"});
  bot.actions();
  bot.hear(9s, SignalPeerBack{{"b2", "r-bot-1"}, "b"});
  const auto opened = all<OpenLink>(bot.actions());
  ASSERT_EQ(opened.size(), 1u);
  EXPECT_EQ(opened[0].number, 1);
  EXPECT_EQ(opened[0].round, 3);
}

TEST(BotAttempt, AStepIsOverTooWhenThePartnerHasGoneMeanwhile) {
  Step drop = stepOf(StepKind::kNetworkDrop);
  drop.lasting = 1s;
  Driven bot(CallShape{}, {drop});
  bot.join({kBen});
  bot.linkUp(20ms, "b");
  bot.passTime();
  bot.mediaStops(1s, "b");
  bot.passTime();
  EXPECT_EQ(bot.machine.state(), BotState::kBusy);
  bot.hear(6s, SignalPeerLeft{"b"});
  EXPECT_EQ(bot.machine.state(), BotState::kSteady);
}

TEST(BotAttempt, MediaThatDoesNotComeBackAfterADropIsAFailureInTheEnd) {
  Step drop = stepOf(StepKind::kNetworkDrop);
  drop.lasting = 1s;
  BotPlan plan = Driven::planOf(CallShape{}, {drop}, 0);
  plan.recovery.kind = RecoveryPolicy::Kind::kNone;
  Driven bot(plan);
  bot.join({kBen});
  bot.linkUp(20ms, "b");
  bot.passTime();
  bot.mediaStops(1s, "b");
  bot.passTime();
  bot.actions();
  const auto failed = bot.passTimeUntil<StateTold>();
  EXPECT_EQ(recorded<BotFailed>(failed).at(0).cause, FailureCause::kNoMedia);
  EXPECT_EQ(bot.machine.state(), BotState::kFailed);
}

TEST(BotAttempt, TheNextStepFollowsADropThatNothingNoticed) {
  Step drop = stepOf(StepKind::kNetworkDrop);
  drop.lasting = 100ms;
  Driven bot(CallShape{}, {drop, stepOf(StepKind::kRefresh)});
  bot.join({kBen});
  bot.linkUp(20ms, "b");
  bot.passTime();
  bot.passTime();
  EXPECT_EQ(bot.machine.due(), kStart + 620ms + 500ms);
  bot.actions();
  bot.passTime();
  EXPECT_EQ(recorded<StepTaken>(bot.actions()).at(0).action, StepKind::kRefresh);
}

TEST(BotAttempt, WhoIsGoneBlamesNobodyAnyMore) {
  Driven bot(CallShape{}, {stepOf(StepKind::kTabKill)});
  bot.join({kBen});
  bot.linkUp(20ms, "b");
  bot.machine.onVanished(kStart + 100ms, 1);
  bot.passTime();
  EXPECT_FALSE(bot.machine.due());
}

TEST(BotAttempt, ALinkIsMadeAnewWithTheNextNumberByEitherEnd) {
  Driven bot;
  bot.join({kBen});
  bot.linkUp(20ms, "b");
  bot.mediaStops(1s, "b");
  bot.actions();
  const auto opened = all<OpenLink>(bot.passTimeUntil<OpenLink>());
  ASSERT_EQ(opened.size(), 1u);
  EXPECT_EQ(opened[0].number, 2);
  EXPECT_EQ(opened[0].round, 2);
  EXPECT_TRUE(opened[0].peer.we_offer);
  bot.hear(20s, SignalDescription{"b", 5, "offer", "sdp"});
  const auto theirs = bot.actions();
  EXPECT_EQ(all<CloseLink>(theirs).size(), 1u);
  EXPECT_EQ(all<OpenLink>(theirs).at(0).number, 5);
  EXPECT_EQ(all<OpenLink>(theirs)[0].round, 3);
  EXPECT_FALSE(all<OpenLink>(theirs)[0].peer.we_offer);
  bot.hear(21s, SignalDescription{"b", 4, "offer", "too late"});
  EXPECT_TRUE(bot.actions().empty());
}

TEST(BotAttempt, AsksForTheNextPartnerAndWaitsInTheQueueAgain) {
  Driven bot(shapeOf(CallMode::kMatch, 1), {stepOf(StepKind::kNextPartner)});
  bot.hear(1ms, SignalConnected{});
  bot.hear(2ms, SignalRegistered{"key", false, 5000ms});
  bot.hear(3ms, SignalQueued{});
  bot.hear(503ms, SignalMatched{"match-1", {"x", "somebody"}, true});
  const auto matched = bot.actions();
  EXPECT_DOUBLE_EQ(recorded<PartnerMatched>(matched).at(0).waited_ms, 500);
  EXPECT_EQ(bot.machine.due(), kStart + 500ms + 15s) << "the queue is no part of it";
  bot.linkUp(520ms, "x");
  bot.passTime();
  EXPECT_EQ(requestsIn(bot.actions()), std::vector{SignalRequest::kNextPartner});
  bot.hear(1030ms, SignalQueued{});
  bot.hear(1100ms, SignalMatched{"match-2", {"y", "somebody else"}, false});
  bot.linkUp(1120ms, "y");
  EXPECT_EQ(bot.machine.state(), BotState::kSteady);
}

}  // namespace
}  // namespace turnout
