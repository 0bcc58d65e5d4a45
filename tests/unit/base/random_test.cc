#include "pipelines/base/random.h"

#include <algorithm>
#include <set>

#include <gtest/gtest.h>

namespace turnout {
namespace {

TEST(Random, TheStreamNeverChanges) {  // or every stored run would get another plan
  Random random(1);
  EXPECT_EQ(random.next(), 6366115181607701404u);
  EXPECT_EQ(random.next(), 849969928429367488u);
}

TEST(Random, StreamsOfOneSeedDiffer) {
  EXPECT_NE(Random(1, 0).next(), Random(1, 1).next());
  EXPECT_NE(Random(1, 0).next(), Random(2, 0).next());
}

TEST(Random, UniformFillsTheUnitInterval) {
  Random random(7);
  double least = 1, most = 0, sum = 0;
  for (int i = 0; i < 10'000; i++) {
    const double u = random.uniform();
    least = std::min(least, u);
    most = std::max(most, u);
    sum += u;
  }
  EXPECT_GE(least, 0);
  EXPECT_LT(least, 0.01);
  EXPECT_GT(most, 0.99);
  EXPECT_LT(most, 1);
  EXPECT_NEAR(sum / 10'000, 0.5, 0.01);
}

TEST(Random, BelowGivesEveryValueAboutAsOften) {
  Random random(7);
  std::vector<int> counts(6);
  for (int i = 0; i < 60'000; i++)
    counts[random.below(6)]++;
  for (const int count : counts)
    EXPECT_NEAR(count, 10'000, 400);  // 4 standard deviations are 365
}

TEST(Random, ExponentialHasItsMeanAndNoMemory) {
  Random random(7);
  double sum = 0;
  int over_mean = 0;
  for (int i = 0; i < 10'000; i++) {
    const double gap = random.exponential(20);
    ASSERT_GE(gap, 0);
    sum += gap;
    over_mean += gap > 20;
  }
  EXPECT_NEAR(sum / 10'000, 20, 0.8);
  EXPECT_NEAR(over_mean, 3679, 200);  // 10,000 / e
}

TEST(Random, ShuffleKeepsTheItemsAndReachesEveryOrder) {
  Random random(7);
  std::set<std::vector<int>> orders;
  for (int i = 0; i < 200; i++) {
    std::vector<int> items{1, 2, 3};
    random.shuffle(items);
    EXPECT_TRUE(std::is_permutation(items.begin(), items.end(), std::vector{1, 2, 3}.begin()));
    orders.insert(items);
  }
  EXPECT_EQ(orders.size(), 6U);
}

}  // namespace
}  // namespace turnout
