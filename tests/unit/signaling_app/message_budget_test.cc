#include "bots/signaling/app/signaling_app.h"

#include <gtest/gtest.h>

namespace turnout {
namespace {

using Verdict = MessageBudget::Verdict;
constexpr MessageBudget::Options kTwoASecond{.per_second = 2, .burst = 3};

Instant atMs(int ms) {
  return Instant(1h) + milliseconds(ms);
}

TEST(MessageBudget, ABurstIsFreeAndThenTheRateHolds) {
  MessageBudget budget(kTwoASecond, atMs(0));
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(budget.spend(atMs(0)), Verdict::kWithin);
  EXPECT_EQ(budget.spend(atMs(0)), Verdict::kOver);
  EXPECT_EQ(budget.spend(atMs(1000)), Verdict::kWithin);
  EXPECT_EQ(budget.spend(atMs(1000)), Verdict::kOver);
}

TEST(MessageBudget, WhoKeepsOnForAnotherBurstFloods) {
  MessageBudget budget(kTwoASecond, atMs(0));
  for (int i = 0; i < 5; ++i)
    EXPECT_NE(budget.spend(atMs(0)), Verdict::kFlooding) << i;
  EXPECT_EQ(budget.spend(atMs(0)), Verdict::kFlooding);
}

TEST(MessageBudget, IdlenessIsNotSavedUpBeyondTheBurst) {
  MessageBudget budget(kTwoASecond, atMs(0));
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(budget.spend(atMs(3600'000)), Verdict::kWithin);
  EXPECT_EQ(budget.spend(atMs(3600'000)), Verdict::kOver);
}

}  // namespace
}  // namespace turnout
