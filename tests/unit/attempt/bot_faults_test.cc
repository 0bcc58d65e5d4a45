// What a bot does about a lost socket, and the steps that are faults of its network.
#include "tests/unit/attempt/driven_bot.h"

namespace turnout {
namespace {

const RoomPeer kBenOnPage1{"b", "r-bot-1", "1"};

// In a room with another, linked, with all media.
Driven linkedBot(std::vector<Step> steps = {}) {
  Driven bot(CallShape{}, std::move(steps));
  bot.join({kBenOnPage1});
  bot.linkUp(20ms, "b");
  bot.actions();
  return bot;
}

TEST(BotFaults, ALostSocketIsOpenedAgainAndTheLinkLivesOn) {
  Driven bot = linkedBot();
  bot.hear(1s, SignalDown{"reset by peer"});
  auto actions = bot.actions();
  EXPECT_EQ(recorded<SocketLost>(actions).at(0).what, "reset by peer");
  ASSERT_TRUE(bot.machine.due());
  EXPECT_GE(*bot.machine.due(), kStart + 1500ms);
  EXPECT_LE(*bot.machine.due(), kStart + 2500ms);
  bot.passTime();
  EXPECT_EQ(all<OpenSocket>(bot.actions()).size(), 1u);
  bot.hear(3s, SignalConnected{});
  actions = bot.actions();
  ASSERT_EQ(requestsIn(actions), std::vector{SignalRequest::kRegister});
  EXPECT_EQ(all<AskServer>(actions)[0].key, "key");
  EXPECT_EQ(all<AskServer>(actions)[0].page, "1") << "the page is the same";
  bot.hear(3001ms, SignalRegistered{"key", true, 5000ms});
  bot.hear(3002ms, SignalBack{SignalBack::Place::kRoom, "", {kBenOnPage1}});
  actions = bot.actions();
  EXPECT_EQ(recorded<SocketBack>(actions).at(0).attempts, 1);
  EXPECT_DOUBLE_EQ(recorded<SocketBack>(actions)[0].away_ms, 2001);
  EXPECT_TRUE(all<OpenLink>(actions).empty());
  EXPECT_TRUE(all<CloseLink>(actions).empty());
  EXPECT_EQ(bot.machine.state(), BotState::kSteady);
}

TEST(BotFaults, ASocketThatDoesNotComeIsTriedForAgainLaterEachTime) {
  Driven bot = linkedBot();
  bot.hear(1s, SignalDown{"refused"});
  Duration at = 1s;
  for (int i = 0; i < 6; i++) {
    const Duration wait = *bot.machine.due() - (kStart + at);
    EXPECT_LE(wait, 5s);
    EXPECT_GE(wait, i == 0 ? Duration(500ms) : Duration(1s));
    at = *bot.machine.due() - kStart;
    bot.passTime();
    bot.hear(at, SignalDown{"refused"});
  }
  EXPECT_EQ(all<OpenSocket>(bot.actions()).size(), 6u);
  EXPECT_EQ(bot.machine.state(), BotState::kSteady) << "the call itself needs no signaling";
}

TEST(BotFaults, APartnerThatComesBackOnTheSamePageKeepsTheLinkUnderItsNewId) {
  Driven bot = linkedBot();
  bot.hear(1s, SignalPeerBack{{"b2", "r-bot-1", "1"}, "b"});
  EXPECT_TRUE(all<OpenLink>(bot.actions()).empty());
  bot.peer(2s, "b", LocalDescription{SdpType::kOffer, "restart"});
  EXPECT_EQ(all<SendSignal>(bot.actions()).at(0).to, "b2");
}

TEST(BotFaults, APartnerOnANewPageGetsANewLink) {
  Driven bot = linkedBot();
  bot.hear(1s, SignalPeerBack{{"b2", "r-bot-1", "2"}, "b"});
  const auto actions = bot.actions();
  EXPECT_EQ(all<CloseLink>(actions).size(), 1u);
  EXPECT_EQ(all<OpenLink>(actions).at(0).number, 1);
}

TEST(BotFaults, AServerThatForgotTheSessionIsToldToLetUsInAgainAndTheLinkIsKept) {
  Driven bot = linkedBot();
  bot.hear(1s, SignalDown{"server gone"});
  bot.actions();
  bot.passTime();
  bot.hear(4s, SignalConnected{});
  bot.hear(4001ms, SignalRegistered{"key2", false, 5000ms});
  EXPECT_EQ(requestsIn(bot.actions()).back(), SignalRequest::kJoin);
  bot.hear(4002ms, SignalJoined{"me2", {}});
  EXPECT_TRUE(all<CloseLink>(bot.actions()).empty());
  bot.hear(4100ms, SignalPeerJoined{{"b9", "r-bot-1", "1"}});
  const auto actions = bot.actions();
  EXPECT_TRUE(all<OpenLink>(actions).empty());
  EXPECT_EQ(bot.machine.state(), BotState::kSteady);
}

TEST(BotFaults, WhoIsNotThereAnyMoreWhenTheSocketIsBackHasLeft) {
  Driven bot = linkedBot();
  bot.hear(1s, SignalDown{"reset"});
  bot.passTime();
  bot.hear(3s, SignalConnected{});
  bot.hear(3001ms, SignalRegistered{"key", true, 5000ms});
  bot.actions();
  bot.hear(3002ms, SignalBack{SignalBack::Place::kRoom, "", {}});
  EXPECT_EQ(recorded<PartnerLeft>(bot.actions()).size(), 1u);
}

TEST(BotFaults, TheFirstWayInIsTriedTwice) {
  Driven bot;
  bot.hear(1ms, SignalDown{"refused"});
  EXPECT_TRUE(recorded<BotFailed>(bot.actions()).empty());
  bot.passTime();
  EXPECT_EQ(all<OpenSocket>(bot.actions()).size(), 1u);
  bot.hear(2s, SignalDown{"refused"});
  EXPECT_EQ(recorded<BotFailed>(bot.actions()).at(0).cause, FailureCause::kSignalingUnreachable);
}

TEST(BotFaults, ASignalingDropIsOverWhenTheSocketIsBack) {
  for (const SocketCut cut : {SocketCut::kReset, SocketCut::kClose}) {
    Step step = stepOf(StepKind::kSignalingDrop);
    step.cut = cut;
    Driven bot = linkedBot({step});
    bot.passTime();
    auto actions = bot.actions();
    EXPECT_EQ(recorded<StepTaken>(actions).at(0).action, StepKind::kSignalingDrop);
    EXPECT_EQ(all<CutSocket>(actions).size(), 1u);
    EXPECT_EQ(recorded<StepOver>(actions).size(), 1u);
    EXPECT_TRUE(all<CloseLink>(actions).empty());
    bot.passTime();
    bot.hear(3s, SignalConnected{});
    bot.hear(3001ms, SignalRegistered{"key", true, 5000ms});
    EXPECT_EQ(bot.machine.state(), BotState::kSteady);
    EXPECT_EQ(recorded<SocketBack>(bot.actions()).size(), 1u);
  }
}

TEST(BotFaults, ASilentSignalingDropLastsUntilTheClientNotices) {
  Step step = stepOf(StepKind::kSignalingDrop);
  step.cut = SocketCut::kSilent;
  Driven bot = linkedBot({step});
  bot.passTime();
  EXPECT_EQ(all<CutSocket>(bot.actions()).at(0).how, CutSocket::How::kSilently);
  EXPECT_EQ(bot.machine.state(), BotState::kBusy);
  bot.hear(45s, SignalDown{"no ping from the server"});
  bot.passTime();
  bot.hear(47s, SignalConnected{});
  bot.hear(47001ms, SignalRegistered{"key", true, 5000ms});
  EXPECT_EQ(bot.machine.state(), BotState::kSteady);
}

TEST(BotFaults, ASocketThatIsNotHadAgainAfterASignalingDropIsAFailureInTheEnd) {
  Driven bot = linkedBot({stepOf(StepKind::kSignalingDrop)});
  bot.passTime();
  while (bot.machine.state() != BotState::kFailed) {
    const Duration now = *bot.machine.due() - kStart;
    ASSERT_LT(now, 2min);
    bot.passTime();
    bot.hear(now, SignalDown{"refused"});
  }
  EXPECT_EQ(recorded<BotFailed>(bot.actions()).at(0).cause, FailureCause::kSignalingLost);
}

TEST(BotFaults, ANewAddressIsTakenByTheLinksAndTheSocketIsOpenedAgain) {
  Driven bot = linkedBot({stepOf(StepKind::kAddressChange)});
  bot.passTime();
  const auto actions = bot.actions();
  EXPECT_EQ(all<ChangeAddress>(actions).at(0).literal, "127.0.0.2");
  EXPECT_EQ(all<CutSocket>(actions).at(0).how, CutSocket::How::kAbandoned);
  bot.mediaStops(600ms, "b");
  bot.passTime();
  bot.hear(3s, SignalConnected{});
  bot.hear(3001ms, SignalRegistered{"key", true, 5000ms});
  EXPECT_EQ(bot.machine.state(), BotState::kBusy);
  bot.mediaReturns(4s, "b");
  EXPECT_EQ(bot.machine.state(), BotState::kSteady);
}

TEST(BotFaults, LossIsInTheDirectionsAskedForAndIsLifted) {
  Step step = stepOf(StepKind::kLoss);
  step.loss_percent = 30;
  step.direction = LossDirection::kIncoming;
  Driven bot = linkedBot({step});
  bot.passTime();
  const auto begun = all<SetNetwork>(bot.actions());
  ASSERT_EQ(begun.size(), 1u);
  EXPECT_EQ(begun[0].peers.incoming.loss.percent, 30);
  EXPECT_EQ(begun[0].peers.outgoing.loss.percent, 0);
  EXPECT_FALSE(begun[0].signaling_dropped);
  bot.passTime();
  EXPECT_EQ(all<SetNetwork>(bot.actions()).at(0).peers, NetworkCondition{});
  EXPECT_EQ(bot.machine.state(), BotState::kSteady);
}

TEST(BotFaults, RapidRetriesReloadAgainAndAgainAndTheLastOneCounts) {
  Step step = stepOf(StepKind::kRapidRetries);
  step.times = 3;
  step.every = 200ms;
  Driven bot = linkedBot({step});
  bot.passTime();
  EXPECT_EQ(all<OpenSocket>(bot.actions()).size(), 1u);
  bot.passTime();
  bot.hear(750ms, SignalConnected{});
  bot.hear(751ms, SignalRegistered{"key", true, 5000ms});
  bot.hear(752ms, SignalBack{SignalBack::Place::kRoom, "", {kBenOnPage1}});
  bot.linkUp(760ms, "b");
  EXPECT_TRUE(recorded<StepOver>(bot.actions()).empty()) << "one more is to come";
  bot.passTime();
  const auto last = bot.actions();
  EXPECT_EQ(recorded<StepOver>(last).size(), 1u);
  EXPECT_EQ(all<CloseLink>(last).size(), 1u);
  bot.hear(1s, SignalConnected{});
  EXPECT_EQ(all<AskServer>(bot.actions()).at(0).page, "4");
  bot.hear(1001ms, SignalRegistered{"key", true, 5000ms});
  bot.hear(1002ms, SignalBack{SignalBack::Place::kRoom, "", {kBenOnPage1}});
  bot.linkUp(1010ms, "b");
  EXPECT_EQ(bot.machine.state(), BotState::kSteady);
}

TEST(BotFaults, ACrashIsOfTheWholeProcess) {
  Driven bot = linkedBot({stepOf(StepKind::kBotCrash)});
  bot.passTime();
  const auto actions = bot.actions();
  EXPECT_EQ(recorded<StepTaken>(actions).at(0).action, StepKind::kBotCrash)
      << "written before the end";
  EXPECT_EQ(all<CrashHost>(actions).size(), 1u);
}

TEST(BotFaults, WhileNothingPassesNoSocketIsOpened) {
  Step drop = stepOf(StepKind::kNetworkDrop);
  drop.lasting = 20s;
  Driven bot = linkedBot({drop});
  bot.passTime();
  bot.hear(5s, SignalDown{"no ping from the server"});
  EXPECT_EQ(bot.machine.due(), kStart + 20520ms);
  bot.actions();
  bot.passTime();
  EXPECT_EQ(all<OpenSocket>(bot.actions()).size(), 1u);
}

}  // namespace
}  // namespace turnout
