#include "pipelines/media/pacer.h"

#include <gtest/gtest.h>

namespace turnout {
namespace {

TEST(Lateness, NothingAddedIsNotLate) {
  const Lateness none;
  EXPECT_EQ(none.max_ms(), 0);
  EXPECT_EQ(none.percentile_ms(0.99), 0);
}

TEST(Lateness, PercentileIsTheUpperEdgeOfItsStep) {
  Lateness late;
  for (int i = 0; i < 99; i++)
    late.add(std::chrono::microseconds(100));
  late.add(milliseconds(7));
  EXPECT_DOUBLE_EQ(late.percentile_ms(0.99), 0.25);
  EXPECT_DOUBLE_EQ(late.percentile_ms(1.0), 7.0);
  EXPECT_DOUBLE_EQ(late.max_ms(), 7.0);
}

TEST(Lateness, MoreThanASecondStillCounts) {
  Lateness late;
  late.add(std::chrono::seconds(3));
  EXPECT_DOUBLE_EQ(late.max_ms(), 3000);
  EXPECT_DOUBLE_EQ(late.percentile_ms(0.99), 1000);
}

TEST(Lateness, EarlyIsNotLate) {
  Lateness late;
  late.add(milliseconds(-5));
  EXPECT_EQ(late.max_ms(), 0);
  EXPECT_EQ(late.count(), 1u);
}

TEST(Lateness, SumsAreOfBoth) {
  Lateness a, b;
  a.add(milliseconds(1));
  b.add(milliseconds(2));
  a.add(b);
  EXPECT_EQ(a.count(), 2u);
  EXPECT_DOUBLE_EQ(a.max_ms(), 2);
  EXPECT_DOUBLE_EQ(a.percentile_ms(0.5), 1.25);
}

}  // namespace
}  // namespace turnout
