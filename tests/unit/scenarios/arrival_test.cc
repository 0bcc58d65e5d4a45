#include "scenarios/plan.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace turnout {
namespace {

TEST(Arrival, EvenCallsAreOneGapApartWithoutDrift) {
  Random random(1);
  const auto offsets = arrivalOffsets(ArrivalShape::kEven, 3, 3001, random);
  EXPECT_EQ(offsets[0], 0us);
  EXPECT_EQ(offsets[1], 333'333us);
  EXPECT_EQ(offsets[3000], 1000s);
}

TEST(Arrival, PoissonCallsKeepTheRateInTheMean) {
  Random random(1);
  const auto offsets = arrivalOffsets(ArrivalShape::kPoisson, 50, 10'001, random);
  EXPECT_TRUE(std::is_sorted(offsets.begin(), offsets.end()));
  EXPECT_EQ(offsets.front(), 0us);
  EXPECT_NEAR(toMs(offsets.back()), 200'000, 8'000);  // 4 standard deviations
}

}  // namespace
}  // namespace turnout
