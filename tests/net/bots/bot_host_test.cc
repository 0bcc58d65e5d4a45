#include "tests/net/bots/bot_host_fixture.h"

namespace turnout {
namespace {

TEST_F(BotHostTest, APairConnectsExchangesMediaAndLeavesCleanly) {
  begin(setup());
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
  }
  for (const auto& [event, pair] : all<PairSelected>()) {
    EXPECT_EQ(pair.local.type, CandidateType::kHost);
    EXPECT_EQ(pair.local.address.rfind("127.0.0.1:", 0), 0u);
  }
}

TEST_F(BotHostTest, AMeshOfFourConnectsEveryPairAtBothEnds) {
  HostSetup mesh = setup();
  mesh.shape.bots = 4;
  begin(mesh);
  order(0);
  ASSERT_TRUE(waitFor(1, 20s));
  EXPECT_EQ(all<LinkConnected>().size(), 12u);  // 6 pairs, 2 ends
  EXPECT_TRUE(all<LinkFailed>().empty());
  EXPECT_TRUE(all<BotFailed>().empty());
}

TEST_F(BotHostTest, CallsRunSideBySide) {
  begin(setup());
  for (int call = 0; call < 10; call++)
    order(call);
  ASSERT_TRUE(waitFor(10, 30s));
  EXPECT_EQ(all<LinkConnected>().size(), 20u);
}

TEST_F(BotHostTest, ACallWithoutMediaConnectsOverADataChannel) {
  HostSetup quiet = setup();
  quiet.media = MediaProfile{std::nullopt, std::nullopt};
  begin(quiet);
  order(0);
  ASSERT_TRUE(waitFor(1, 20s));
  EXPECT_EQ(all<LinkConnected>().size(), 2u);
  EXPECT_TRUE(all<MediaStarted>().empty());
}

TEST_F(BotHostTest, WithoutASignalingServerEveryBotSaysSoAndTheCallEnds) {
  begin(setup());
  stopServer();
  order(0);
  ASSERT_TRUE(waitFor(1, 20s));
  ASSERT_EQ(all<BotFailed>().size(), 2u);
  for (const auto& [event, failed] : all<BotFailed>())
    EXPECT_EQ(failed.cause, FailureCause::kSignalingUnreachable);
}

TEST_F(BotHostTest, ASignalingServerThatGoesDoesNotEndAConnectedCall) {
  HostSetup longer = setup();
  longer.hold = 1500ms;
  begin(longer);
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
  HostSetup longer = setup();
  longer.hold = 60'000ms;
  begin(longer);
  order(0);
  ASSERT_TRUE(loop_.runUntil([&] { return all<LinkConnected>().size() == 2; }, 20s));
  host_->onCommandLine(commandLine(HostStop{3000ms}));
  ASSERT_TRUE(loop_.runUntil([&] { return finished_; }, 10s));
  EXPECT_TRUE(done_);
  EXPECT_EQ(all<BotLeft>().size(), 2u);
}

TEST_F(BotHostTest, TellsItsOwnHealth) {
  begin(setup());
  order(0);
  ASSERT_TRUE(loop_.runUntil([&] { return !all<HostHealth>().empty(); }, 10s));
  EXPECT_GT(all<HostHealth>()[0].second.rss_mb, 1);
  EXPECT_GT(all<HostHealth>()[0].second.cpu_cores, 0);
}

TEST_F(BotHostTest, AnUnknownProfileIsRefusedByName) {
  HostSetup odd = setup();
  odd.profile = "warp";
  host_->onCommandLine(commandLine(odd));
  EXPECT_FALSE(ready_);
}

}  // namespace
}  // namespace turnout
