#include "bots/attempt/recovery.h"

#include <gtest/gtest.h>

namespace turnout {
namespace {

using Kind = RecoveryPolicy::Kind;

const Instant kLost = fromNs(1'000'000'000);

Recovery silentUnder(Kind kind) {
  RecoveryPolicy policy;
  policy.kind = kind;
  Recovery recovery(policy, {});
  recovery.onSilent(kLost);
  return recovery;
}

bool hasRung(const Recovery::Order& order) {
  return order.restart_ice || order.recreate || order.give_up;
}

TEST(Recovery, MediaThatComesBackByItselfNeedsNoRung) {
  Recovery recovery = silentUnder(Kind::kLadder);
  EXPECT_EQ(recovery.due(), kLost + 5s);
  EXPECT_EQ(recovery.onMedia(kLost + 2s), std::optional<Duration>(2s));
  EXPECT_FALSE(recovery.due());
  EXPECT_FALSE(recovery.onMedia(kLost + 3s)) << "nothing was lost";
}

TEST(Recovery, TheLadderRestartsIceThenMakesNewConnectionsThenGivesUp) {
  Recovery recovery = silentUnder(Kind::kLadder);
  EXPECT_FALSE(hasRung(recovery.onTime(kLost + 4s)));
  EXPECT_TRUE(recovery.onTime(kLost + 5s).restart_ice);
  EXPECT_FALSE(hasRung(recovery.onTime(kLost + 10s))) << "first the pause";
  EXPECT_TRUE(recovery.onTime(kLost + 12s).recreate);

  Recovery second({}, recovery.history());
  second.onNewConnection(kLost + 12s);
  EXPECT_FALSE(hasRung(second.onTime(kLost + 17s)));
  EXPECT_TRUE(second.onTime(kLost + 19s).recreate);

  Recovery third({}, second.history());
  third.onNewConnection(kLost + 19s);
  EXPECT_TRUE(third.onTime(kLost + 24s).give_up);
  EXPECT_FALSE(third.onMedia(kLost + 25s)) << "too late";
}

TEST(Recovery, ANewConnectionThatWorksEndsTheOutageOfTheOneBefore) {
  Recovery recovery = silentUnder(Kind::kRecreate);
  EXPECT_FALSE(hasRung(recovery.onTime(kLost + 5s)));
  EXPECT_TRUE(recovery.onTime(kLost + 7s).recreate);
  Recovery next({}, recovery.history());
  next.onNewConnection(kLost + 7s);
  EXPECT_EQ(next.onMedia(kLost + 7100ms), std::optional<Duration>(7100ms));
}

TEST(Recovery, IceRestartAloneIsTriedAsOftenAsAllowed) {
  Recovery recovery = silentUnder(Kind::kIceRestart);
  for (const Duration after : {5s, 10s, 15s})
    EXPECT_TRUE(recovery.onTime(kLost + after).restart_ice);
  EXPECT_TRUE(recovery.onTime(kLost + 20s).give_up);
}

TEST(Recovery, WithoutAPolicyItWaitsForEver) {
  Recovery recovery = silentUnder(Kind::kNone);
  EXPECT_FALSE(hasRung(recovery.onTime(kLost + 5s)));
  EXPECT_FALSE(recovery.due());
  EXPECT_TRUE(recovery.onMedia(kLost + 60s));
}

TEST(Recovery, AFailureIsNotWaitedFor) {
  Recovery recovery({}, {});
  recovery.onLost(kLost, Recovery::Sign::kFailed);
  EXPECT_TRUE(recovery.onTime(kLost).restart_ice);
}

TEST(Recovery, TheNextLossBeginsAnew) {
  Recovery recovery = silentUnder(Kind::kLadder);
  recovery.onTime(kLost + 5s);
  recovery.onMedia(kLost + 6s);
  recovery.onSilent(kLost + 60s);
  EXPECT_TRUE(recovery.onTime(kLost + 65s).restart_ice);
  EXPECT_EQ(recovery.onMedia(kLost + 66s), std::optional<Duration>(6s));
}

TEST(Recovery, ALossIsToldOnceUnderEveryPolicy) {
  for (const Kind kind : {Kind::kNone, Kind::kIceRestart, Kind::kRecreate, Kind::kLadder}) {
    Recovery recovery = silentUnder(kind);
    EXPECT_FALSE(recovery.onTime(kLost + 4s).lost);
    EXPECT_TRUE(recovery.onTime(kLost + 5s).lost);
    EXPECT_FALSE(recovery.onTime(kLost + 60s).lost);
    EXPECT_EQ(recovery.sign(), Recovery::Sign::kSilence);
  }
}

TEST(Recovery, AChangedNetworkIsNotWaitedFor) {
  Recovery recovery({}, {});
  recovery.onLost(kLost, Recovery::Sign::kNetworkChanged);
  const auto order = recovery.onTime(kLost);
  EXPECT_TRUE(order.lost);
  EXPECT_TRUE(order.restart_ice);
}

TEST(Recovery, WithoutSignalingALossIsToldAndTheRungWaits) {
  Recovery recovery = silentUnder(Kind::kLadder);
  recovery.onSignaling(kLost + 1s, false);
  const auto order = recovery.onTime(kLost + 5s);
  EXPECT_TRUE(order.lost);
  EXPECT_FALSE(hasRung(order));
  EXPECT_FALSE(recovery.due());
  recovery.onSignaling(kLost + 9s, true);
  EXPECT_EQ(recovery.due(), kLost + 9s);
  EXPECT_TRUE(recovery.onTime(kLost + 9s).restart_ice);
}

}  // namespace
}  // namespace turnout
