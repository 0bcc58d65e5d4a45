#include "tests/net/bots/bot_host_fixture.h"

namespace turnout {
namespace {

TEST_F(BotHostTest, APairConnectsExchangesMediaAndLeavesCleanly) {
  begin();
  order(0);
  ASSERT_TRUE(waitFor(1, 20s));
  EXPECT_EQ(all<LinkConnected>().size(), 2u);
  EXPECT_EQ(all<MediaStarted>().size(), 4u);  // audio and video, both ends
  EXPECT_EQ(all<BotLeft>().size(), 2u);
  for (const auto& [event, left] : all<BotLeft>())
    EXPECT_TRUE(left.clean);
  ASSERT_EQ(all<MediaReport>().size(), 4u);
  for (const auto& [event, report] : all<MediaReport>()) {
    EXPECT_GT(report.sent_packets, 0);
    EXPECT_GT(report.received_packets, 0);
    EXPECT_EQ(report.lost_packets, 0);
    EXPECT_EQ(report.sends, true);
    EXPECT_EQ(report.receives, true);
  }
  EXPECT_EQ(all<MediaNegotiated>().size(), 4u);
  for (const int from : {0, 1})
    for (const MediaKind kind : {MediaKind::kAudio, MediaKind::kVideo})
      EXPECT_LE(lossFrom(from, kind).lost(), 3) << "but for what is under way at the end";
  for (const auto& [event, pair] : all<PairSelected>()) {
    EXPECT_EQ(pair.local.type, CandidateType::kHost);
    EXPECT_EQ(pair.local.address.rfind("127.0.0.1:", 0), 0u);
  }
}

TEST_F(BotHostTest, OneWayLossIsThatOfItsWayAndOfEachKind) {
  begin(R"("calls": {"hold_ms": 0}, "steps": [{"do": "loss", "for_ms": 3000, "percent": 30,
            "direction": "outgoing", "bot": 0}],)");
  order(0);
  ASSERT_TRUE(waitFor(1, 30s));
  for (const MediaKind kind : {MediaKind::kAudio, MediaKind::kVideo}) {
    const MediaLoss outgoing = lossFrom(0, kind), incoming = lossFrom(1, kind);
    EXPECT_GT(outgoing.share(), 0.15) << toString(kind);
    EXPECT_LT(outgoing.share(), 0.45) << toString(kind);
    EXPECT_LE(incoming.lost(), 3) << toString(kind);
  }
}

TEST_F(BotHostTest, AMeshOfFourConnectsEveryPairAtBothEnds) {
  begin(R"("calls": {"bots": 4, "hold_ms": 300},)");
  order(0);
  ASSERT_TRUE(waitFor(1, 20s));
  EXPECT_EQ(all<LinkConnected>().size(), 12u);  // 6 pairs, 2 ends
  EXPECT_TRUE(all<LinkFailed>().empty());
  EXPECT_TRUE(all<BotFailed>().empty());
}

TEST_F(BotHostTest, CallsRunSideBySide) {
  begin();
  for (int call = 0; call < 10; call++)
    order(call);
  ASSERT_TRUE(waitFor(10, 30s));
  EXPECT_EQ(all<LinkConnected>().size(), 20u);
}

TEST_F(BotHostTest, ACallWithoutMediaConnectsOverADataChannel) {
  begin(R"("calls": {"hold_ms": 300}, "media": "none",)");
  order(0);
  ASSERT_TRUE(waitFor(1, 20s));
  EXPECT_EQ(all<LinkConnected>().size(), 2u);
  EXPECT_TRUE(all<MediaStarted>().empty());
}

TEST_F(BotHostTest, WithoutASignalingServerEveryBotSaysSoAndTheCallEnds) {
  begin();
  stopServer();
  order(0);
  ASSERT_TRUE(waitFor(1, 20s));
  ASSERT_EQ(all<BotFailed>().size(), 2u);
  for (const auto& [event, failed] : all<BotFailed>())
    EXPECT_EQ(failed.cause, FailureCause::kSignalingUnreachable);
}

TEST_F(BotHostTest, ASignalingServerThatGoesDoesNotEndAConnectedCall) {
  begin(R"("calls": {"hold_ms": 1500},)");
  order(0);
  ASSERT_TRUE(loop_.runUntil([&] { return all<MediaStarted>().size() == 4; }, 20s));
  stopServer();
  ASSERT_TRUE(waitFor(1, 20s));
  EXPECT_TRUE(all<LinkFailed>().empty());
  EXPECT_TRUE(all<BotFailed>().empty());
  for (const auto& [event, report] : all<MediaReport>())
    EXPECT_GT(report.received_packets, 10);
}

TEST_F(BotHostTest, StopInterruptsCallsSaysSoAndFinishes) {
  begin(R"("calls": {"hold_ms": 60000},)");
  order(0);
  ASSERT_TRUE(loop_.runUntil([&] { return all<LinkConnected>().size() == 2; }, 20s));
  host_->onCommandLine(commandLine(HostStop{3000ms}));
  ASSERT_TRUE(loop_.runUntil([&] { return finished_; }, 10s));
  EXPECT_TRUE(done_);
  EXPECT_EQ(all<BotLeft>().size(), 2u);
}

TEST_F(BotHostTest, TellsItsOwnHealth) {
  begin();
  order(0);
  ASSERT_TRUE(loop_.runUntil([&] { return !all<HostHealth>().empty(); }, 10s));
  EXPECT_GT(all<HostHealth>()[0].second.rss_mb, 1);
  EXPECT_GT(all<HostHealth>()[0].second.cpu_cores, 0);
}

TEST_F(BotHostTest, AScenarioThatCannotBeReadIsRefusedWithItsPlace) {
  host_->onCommandLine(commandLine(HostSetup{.scenario = R"({"name": "t", "profile": "warp"})"}));
  EXPECT_FALSE(ready_);
  EXPECT_THAT(failure_.what, testing::HasSubstr("profile: expected"));
}

}  // namespace
}  // namespace turnout
