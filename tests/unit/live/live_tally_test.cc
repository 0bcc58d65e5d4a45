#include "orchestrator/live/live_tally.h"

#include "tests/unit/results/call_script.h"

#include <gtest/gtest.h>

namespace turnout {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)

LiveTally tallyOf(const Script& script) {
  LiveTally tally;
  for (const Event& event : script)
    tally.add(event);
  return tally;
}

TEST(LiveTally, EachBotIsInOneState) {
  EXPECT_EQ(tallyOf({ofBot(0, 0, 0, BotStarted{})}).bots(BotState::kJoining), 1);
  EXPECT_EQ(tallyOf(joinedCall(0)).bots(BotState::kConnecting), 2);
  EXPECT_EQ(tallyOf(connectedCall(0) + mediaOf(0)).bots(BotState::kInCall), 2);
  const LiveTally over = tallyOf(goodCall(0) + joinedCall(1));
  EXPECT_EQ(over.bots(BotState::kLeft), 2);
  EXPECT_EQ(over.bots(BotState::kConnecting), 2);
  EXPECT_EQ(over.bots(BotState::kInCall), 0);
}

TEST(LiveTally, AStepIsToldUntilMediaIsBack) {
  Script script =
      connectedCall(0) + mediaOf(0) + Script{ofBot(900, 0, 1, StepTaken{0, "refresh", 0})};
  EXPECT_EQ(tallyOf(script).bots(BotState::kInStep), 1);
  script = script + Script{ofBot(1900, 0, 1, StepOver{0})};
  EXPECT_EQ(tallyOf(script).bots(BotState::kConnecting), 1);
  script = script + Script{ofLink(2000, 0, 1, 0, LinkRecovered{"rejoin", 1100})};
  EXPECT_EQ(tallyOf(script).bots(BotState::kInCall), 2);
}

TEST(LiveTally, ACallFailsOnceAndTheNewestIsFirst) {
  const LiveTally tally = tallyOf(failedCall(0, FailureCause::kIceFailed, 1500, "one") +
                                  failedCall(1, FailureCause::kTurnAuth, 60, "two"));
  EXPECT_EQ(tally.failuresSeen(), 2);
  ASSERT_EQ(tally.failures().size(), 2u);
  EXPECT_EQ(tally.failures()[0].call, 1);
  EXPECT_EQ(tally.failures()[0].cause, FailureCause::kTurnAuth);
  EXPECT_EQ(tally.failures()[1].detail, "one");
}

TEST(LiveTally, KeepsTheLatestFailuresAndCountsAll) {
  LiveTally tally;
  for (int call = 0; call < 150; call++)
    tally.add(ofBot(call, call, 0, BotFailed{FailureCause::kJoinTimeout, ""}));
  EXPECT_EQ(tally.failuresSeen(), 150);
  ASSERT_EQ(tally.failures().size(), LiveTally::kKeptFailures);
  EXPECT_EQ(tally.failures().back().call, 50);
}

}  // namespace
}  // namespace turnout
