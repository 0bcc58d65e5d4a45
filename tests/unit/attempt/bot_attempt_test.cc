#include "bots/attempt/bot_attempt.h"

#include "tests/unit/attempt/actions.h"

#include <gtest/gtest.h>

namespace turnout {
namespace {

const Instant kStart = fromNs(1'000'000'000);

BotPlan plan(int expected_links = 1) {
  return {kStart, 5000ms, 15'000ms, 3000ms, expected_links};
}

TEST(BotAttempt, RecordsTheScheduledInstantSoThatItsLagCanBeTold) {
  BotAttempt bot(plan());
  bot.start(kStart + 7ms);
  const auto actions = bot.takeActions();
  EXPECT_EQ(all<JoinRoom>(actions).size(), 1u);
  ASSERT_EQ(recorded<BotStarted>(actions).size(), 1u);
  EXPECT_EQ(recorded<BotStarted>(actions)[0].scheduled_ns, toNs(kStart));
}

TEST(BotAttempt, TheLaterJoinerOffersToEveryoneAlreadyThere) {
  BotAttempt bot(plan(3));
  bot.start(kStart);
  bot.onJoined(kStart + 3ms, {{"a", "ua"}, {"b", "ub"}});
  bot.onPeerJoined(kStart + 9ms, {"c", "uc"});
  const auto opened = all<OpenLink>(bot.takeActions());
  ASSERT_EQ(opened.size(), 3u);
  EXPECT_EQ(opened[0].role, LinkAttempt::Role::kOfferer);
  EXPECT_EQ(opened[1].role, LinkAttempt::Role::kOfferer);
  EXPECT_EQ(opened[2].role, LinkAttempt::Role::kAnswerer);
}

TEST(BotAttempt, APeerToldTwiceIsOnePeer) {
  BotAttempt bot(plan());
  bot.start(kStart);
  bot.onJoined(kStart, {{"a", "ua"}});
  bot.onPeerJoined(kStart, {"a", "ua"});
  EXPECT_EQ(all<OpenLink>(bot.takeActions()).size(), 1u);
}

TEST(BotAttempt, SettlesWhenEveryExpectedLinkHas) {
  BotAttempt bot(plan(2));
  bot.start(kStart);
  bot.onJoined(kStart, {{"a", ""}, {"b", ""}});
  bot.onLinkSettled(kStart, "a", true);
  EXPECT_TRUE(all<BotSettled>(bot.takeActions()).empty());
  bot.onLinkSettled(kStart, "b", false);
  const auto settled = all<BotSettled>(bot.takeActions());
  ASSERT_EQ(settled.size(), 1u);
  EXPECT_FALSE(settled[0].up);
}

TEST(BotAttempt, EachWayNotToGetIntoTheRoomHasItsCause) {
  struct Row {
    std::function<void(BotAttempt&)> event;
    FailureCause cause;
  };
  const Row rows[] = {
      {[](BotAttempt& bot) { bot.onRejected(kStart, "room_full"); }, FailureCause::kJoinRejected},
      {[](BotAttempt& bot) { bot.onSignalingDown(kStart, "refused"); },
       FailureCause::kSignalingUnreachable},
      {[](BotAttempt& bot) { bot.onDeadline(kStart + 5000ms); }, FailureCause::kJoinTimeout},
  };
  for (const Row& row : rows) {
    BotAttempt bot(plan());
    bot.start(kStart);
    row.event(bot);
    const auto actions = bot.takeActions();
    ASSERT_EQ(recorded<BotFailed>(actions).size(), 1u);
    EXPECT_EQ(recorded<BotFailed>(actions)[0].cause, row.cause);
    EXPECT_EQ(all<BotSettled>(actions).size(), 1u);
  }
}

TEST(BotAttempt, PartnersWhoNeverComeAreAFailureAtTheConnectDeadline) {
  BotAttempt bot(plan());
  bot.start(kStart);
  bot.onJoined(kStart, {});
  bot.onDeadline(kStart + 15'000ms);
  const auto failed = recorded<BotFailed>(bot.takeActions());
  ASSERT_EQ(failed.size(), 1u);
  EXPECT_EQ(failed[0].cause, FailureCause::kPeerMissing);
}

TEST(BotAttempt, LinksThatAreUpOutliveTheSignalingServer) {
  BotAttempt bot(plan());
  bot.start(kStart);
  bot.onJoined(kStart, {{"a", ""}});
  bot.onLinkSettled(kStart + 20ms, "a", true);
  bot.takeActions();
  bot.onSignalingDown(kStart + 1s, "server gone");
  const auto actions = bot.takeActions();
  EXPECT_EQ(all<TellLinksSignalingLost>(actions).size(), 1u);
  EXPECT_TRUE(recorded<BotFailed>(actions).empty());
  bot.leave(kStart + 2s);
  EXPECT_EQ(all<BotGone>(bot.takeActions()).size(), 1u);
}

TEST(BotAttempt, LeavesWithAGoodbyeAndIsGoneWhenItIsAcknowledged) {
  BotAttempt bot(plan());
  bot.start(kStart);
  bot.onJoined(kStart, {});
  bot.leave(kStart + 1s);
  const auto leaving = bot.takeActions();
  EXPECT_EQ(all<EndLinks>(leaving).size(), 1u);
  EXPECT_EQ(all<LeaveRoom>(leaving).size(), 1u);
  EXPECT_TRUE(all<BotGone>(leaving).empty());
  bot.onLeft(kStart + 1001ms);
  const auto left = bot.takeActions();
  EXPECT_TRUE(recorded<BotLeft>(left)[0].clean);
  EXPECT_EQ(all<BotGone>(left).size(), 1u);
}

TEST(BotAttempt, AnUnansweredLeaveEndsAtItsDeadline) {
  BotAttempt bot(plan());
  bot.start(kStart);
  bot.onJoined(kStart, {});
  bot.leave(kStart + 1s);
  bot.takeActions();
  bot.onDeadline(kStart + 4s);
  const auto left = bot.takeActions();
  EXPECT_FALSE(recorded<BotLeft>(left)[0].clean);
  EXPECT_EQ(all<BotGone>(left).size(), 1u);
}

TEST(BotAttempt, AStoppedRunInterruptsOnlyWhatWasNotDecided) {
  BotAttempt waiting(plan());
  waiting.start(kStart);
  waiting.onJoined(kStart, {});
  waiting.interrupt(kStart + 1s);
  EXPECT_EQ(recorded<BotFailed>(waiting.takeActions())[0].cause, FailureCause::kInterrupted);

  BotAttempt up(plan());
  up.start(kStart);
  up.onJoined(kStart, {{"a", ""}});
  up.onLinkSettled(kStart, "a", true);
  up.interrupt(kStart + 1s);
  EXPECT_TRUE(recorded<BotFailed>(up.takeActions()).empty());
}

TEST(BotAttempt, AFailedBotStillLeavesTheRoomItIsIn) {
  BotAttempt bot(plan());
  bot.start(kStart);
  bot.onJoined(kStart, {});
  bot.onDeadline(kStart + 15'000ms);
  bot.takeActions();
  bot.leave(kStart + 15'001ms);
  EXPECT_EQ(all<LeaveRoom>(bot.takeActions()).size(), 1u);
}

}  // namespace
}  // namespace turnout
