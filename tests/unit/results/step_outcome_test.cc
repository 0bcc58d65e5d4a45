#include "orchestrator/results/fold/step_outcome.h"

#include "tests/unit/results/call_script.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)
using End = StepOutcome::End;

const Scenario kTwoInARoom = scenarioOf({"only"}, 1);

std::vector<StepOutcome> stepsOf(const Script& events, const Scenario& scenario = kTwoInARoom) {
  return foldOf(wholeRun(events), scenario).calls.at(0).steps;
}

// Both ends are connected by 100 ms, and the bots stay until 40 s.
Script longCallOfTwo() {
  return connectedCall(0) + mediaOf(0) + leave(0, 40'000);
}

TEST(StepOutcome, IsGoodWhenEveryEndIsBack) {
  const auto steps =
      stepsOf(longCallOfTwo() + stepOf(0, 1, 0, StepKind::kRefresh, 1000) + recovery(0, 2300) +
              Script{ofBot(1790, 0, 1, SessionResumed{true, 790})});
  ASSERT_EQ(steps.size(), 1u);
  EXPECT_EQ(steps[0].action, "refresh");
  EXPECT_EQ(steps[0].end, End::kGood);
  EXPECT_EQ(steps[0].outage_ms, 1201) << "the longer of the two ends";
  EXPECT_EQ(steps[0].resumed, true);
}

TEST(StepOutcome, OneEndBackIsNotEnough) {
  Script half = recovery(0, 2300);
  half.pop_back();
  const auto steps = stepsOf(longCallOfTwo() + stepOf(0, 1, 0, StepKind::kRefresh, 1000) + half);
  EXPECT_EQ(steps.at(0).end, End::kMissed);
  EXPECT_FALSE(steps.at(0).outage_ms);
  EXPECT_FALSE(steps.at(0).resumed) << "never said";
}

TEST(StepOutcome, TheDeadlineCountsFromBeingBack) {
  // Back at 1800 ms, so due by 31,800 ms; the other end is back a millisecond later.
  const Script step = stepOf(0, 1, 0, StepKind::kLeave, 1000);
  EXPECT_EQ(stepsOf(longCallOfTwo() + step + recovery(0, 31'799)).at(0).end, End::kGood);
  EXPECT_EQ(stepsOf(longCallOfTwo() + step + recovery(0, 31'800)).at(0).end, End::kMissed);
}

TEST(StepOutcome, MediaThatComesForTheFirstTimeAfterAStepIsBack) {
  Script events = connectedCall(0) + leave(0, 9000);
  events = events + stepOf(0, 1, 0, StepKind::kRefresh, 150);
  for (int bot = 0; bot < 2; bot++)
    events.push_back(inRound(2, ofLink(1400, 0, bot, 1 - bot, MediaStarted{MediaKind::kAudio})));
  const auto steps = stepsOf(events);
  ASSERT_EQ(steps.size(), 1u);
  EXPECT_EQ(steps[0].end, End::kGood);
}

TEST(StepOutcome, ARecoveryFromBeforeIsNotOfThisStep) {
  const auto steps = stepsOf(longCallOfTwo() + stepOf(0, 1, 0, StepKind::kRefresh, 1000) +
                             recovery(0, 2300) + stepOf(0, 1, 1, StepKind::kRefresh, 5000) +
                             Script{ofBot(1790, 0, 1, SessionResumed{true, 790}),
                                    ofBot(5790, 0, 1, SessionResumed{false, 790})});
  ASSERT_EQ(steps.size(), 2u);
  EXPECT_EQ(steps[0].end, End::kGood);
  EXPECT_EQ(steps[0].resumed, true);
  EXPECT_EQ(steps[1].end, End::kMissed);
  EXPECT_EQ(steps[1].resumed, false);
}

TEST(StepOutcome, BeforeAnythingWasConnectedNothingIsDue) {
  EXPECT_EQ(stepsOf(longCallOfTwo() + stepOf(0, 1, 0, StepKind::kRefresh, 15)).at(0).end,
            End::kNothingDue);
}

TEST(StepOutcome, WhatTurnoutLostSaysNothing) {
  const Script cut = connectedCall(0) + mediaOf(0) + stepOf(0, 1, 0, StepKind::kRefresh, 1000);
  EXPECT_EQ(stepsOf(cut).at(0).end, End::kLost) << "the log ends";
  EXPECT_EQ(stepsOf(cut + Script{ofBot(1900, 0, 0, BotFailed{FailureCause::kInterrupted, ""})} +
                    leave(0, 2000))
                .at(0)
                .end,
            End::kLost);
  EXPECT_EQ(stepsOf(cut + leave(0, 2000)).at(0).end, End::kMissed);
}

TEST(StepOutcome, AfterATabKillThePartnerIsToldAndNothingComesBack) {
  const Script killed =
      connectedCall(0) + mediaOf(0) + stepOf(0, 1, 0, StepKind::kTabKill, 1000) + leave(0, 9000);
  EXPECT_EQ(stepsOf(killed).at(0).end, End::kMissed);
  const auto told = stepsOf(killed + Script{ofLink(6000, 0, 0, 1, PartnerLeft{"lost"})});
  EXPECT_EQ(told.at(0).end, End::kGood);
  EXPECT_FALSE(told.at(0).outage_ms);
}

TEST(StepOutcome, ThePartnerOfASeekerIsInACallOfItsOwn) {
  Scenario seeker = kTwoInARoom;
  seeker.shape.kind = CallMode::kMatch;
  seeker.shape.bots = 1;
  const Script call = {ofBot(1, 0, 0, BotStarted{kEpochNs}), ofLink(90, 0, 0, 1, LinkConnected{}),
                       ofBot(9000, 0, 0, BotLeft{true})};
  const Script recovered = {inRound(2, ofLink(2000, 0, 0, 1, LinkRecovered{"rejoin", 300}))};
  EXPECT_EQ(
      stepsOf(call + stepOf(0, 0, 0, StepKind::kNextPartner, 1000) + recovered, seeker).at(0).end,
      End::kGood);
  EXPECT_EQ(stepsOf(call + stepOf(0, 0, 0, StepKind::kTabKill, 1000), seeker).at(0).end,
            End::kNothingDue);
}

struct StepsInARoom : testing::Test {
  Scenario three = kTwoInARoom;
  Script events;

  void SetUp() override {
    three.shape.bots = 3;
    for (const auto& [bot, peer] : {std::pair{0, 1}, {1, 0}, {1, 2}, {2, 1}, {0, 2}, {2, 0}})
      events.push_back(ofLink(100, 0, bot, peer, LinkConnected{}));
    for (int bot = 0; bot < 3; bot++)
      events.push_back(ofBot(9000, 0, bot, BotLeft{true}));
  }
  void recovers(int bot, int peer, double at, double outage_ms) {
    for (const auto& [end, other] : {std::pair{bot, peer}, {peer, bot}})
      events.push_back(inRound(2, ofLink(at, 0, end, other, LinkRecovered{"rejoin", outage_ms})));
  }
};

TEST_F(StepsInARoom, WhoIsGoneNeedNotComeBack) {
  events =
      events + stepOf(0, 2, 0, StepKind::kTabKill, 500) + stepOf(0, 1, 1, StepKind::kRefresh, 1000);
  recovers(0, 1, 2300, 1200);
  const auto steps = stepsOf(events, three);
  ASSERT_EQ(steps.size(), 2u);
  EXPECT_EQ(steps[0].end, End::kMissed) << "nobody was told";
  EXPECT_EQ(steps[1].end, End::kGood) << "bot 2 had gone before";
}

TEST_F(StepsInARoom, WhoGoesMeanwhileNeedNotComeBackEither) {
  events = events + stepOf(0, 2, 0, StepKind::kTabKill, 1500) +
           stepOf(0, 1, 1, StepKind::kRefresh, 1000);
  recovers(0, 1, 2300, 1200);
  EXPECT_EQ(stepsOf(events, three).at(0).end, End::kGood);
}

TEST_F(StepsInARoom, ALinkBetweenTwoWhoAreAwayIsOfTheOneWhoIsBackLast) {
  events =
      events + stepOf(0, 1, 0, StepKind::kRefresh, 1000) + stepOf(0, 2, 1, StepKind::kLeave, 1500);
  recovers(0, 1, 1850, 840);
  recovers(0, 2, 2350, 850);
  recovers(1, 2, 2360, 1360);
  const auto steps = stepsOf(events, three);
  ASSERT_EQ(steps.size(), 2u);
  EXPECT_EQ(steps[0].outage_ms, 840);
  EXPECT_EQ(steps[1].outage_ms, 1360);
}

Script dropOf(double at, double lasting, StepKind action = StepKind::kNetworkDrop) {
  return {ofBot(at, 0, 0, StepTaken{0, action, 0.5}), ofBot(at + lasting, 0, 0, StepOver{0})};
}

TEST(StepOutcome, ADropThatNobodyNoticesIsGoodWithoutAnOutage) {
  const auto steps = stepsOf(longCallOfTwo() + dropOf(1000, 200));
  EXPECT_EQ(steps.at(0).end, End::kGood);
  EXPECT_EQ(steps[0].outage_ms, 0);
  EXPECT_EQ(steps[0].recover_ms, 0);
  EXPECT_FALSE(steps[0].detect_ms);
  EXPECT_EQ(steps[0].late_ms, 0.5);
}

TEST(StepOutcome, ADropThatIsNoticedAndNotRecoveredFromIsMissed) {
  const auto steps = stepsOf(longCallOfTwo() + dropOf(1000, 9000) +
                             Script{ofLink(6000, 0, 0, 1, LinkLost{"silence", 5000})});
  EXPECT_EQ(steps.at(0).end, End::kMissed);
  EXPECT_EQ(steps[0].detect_ms, 5000);
  EXPECT_FALSE(steps[0].recover_ms);
}

TEST(StepOutcome, TimeToRecoverCountsFromTheEndOfTheFaultToTheLastEnd) {
  const auto steps = stepsOf(longCallOfTwo() + dropOf(1000, 8000) + recovery(0, 9300, 8200) +
                             Script{ofLink(6100, 0, 0, 1, LinkLost{"silence", 5000}),
                                    ofLink(6100, 0, 0, 1, RecoveryTried{"ice_restart", 1}),
                                    ofLink(13'100, 0, 0, 1, RecoveryTried{"recreate", 2})});
  EXPECT_EQ(steps.at(0).end, End::kGood);
  EXPECT_NEAR(steps[0].recover_ms.value(), 301, 1);
  EXPECT_EQ(steps[0].detect_ms, 5100);
  EXPECT_EQ(steps[0].attempts, 2);
}

TEST(StepOutcome, ASignalingDropIsOverWhenTheSocketIsBack) {
  const Script drop =
      dropOf(1000, 0, StepKind::kSignalingDrop) + Script{ofBot(1001, 0, 0, SocketLost{})};
  EXPECT_EQ(stepsOf(longCallOfTwo() + drop).at(0).end, End::kMissed);
  const auto back =
      stepsOf(longCallOfTwo() + drop + Script{ofBot(2400, 0, 0, SocketBack{1, 1399})});
  EXPECT_EQ(back.at(0).end, End::kGood);
  EXPECT_EQ(back[0].recover_ms, 1400);
  EXPECT_EQ(back[0].detect_ms, 1);
}

TEST(StepOutcome, TheLastOfRapidReloadsCounts) {
  const Script retries = dropOf(1000, 600, StepKind::kRapidRetries);
  EXPECT_EQ(stepsOf(longCallOfTwo() + retries + recovery(0, 1100)).at(0).end, End::kMissed);
  EXPECT_EQ(stepsOf(longCallOfTwo() + retries + recovery(0, 1100) + recovery(0, 1700)).at(0).end,
            End::kGood);
}

TEST(StepOutcome, HowLongTheAppKeptItsUserOutIsMeasuredFromTheReturn) {
  const auto steps =
      stepsOf(longCallOfTwo() + stepOf(0, 1, 0, StepKind::kRefresh, 1000) + recovery(0, 2300) +
              Script{ofBot(2050, 0, 1, SessionResumed{true, 1050})});
  EXPECT_EQ(steps.at(0).kept_out_ms, 250) << "it was back at 1800 ms";
}

}  // namespace
}  // namespace turnout
