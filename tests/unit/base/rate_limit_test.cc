#include "pipelines/base/http/rate_limit.h"

#include <gtest/gtest.h>

namespace turnout {
namespace {

constexpr Instant kStart = Instant(1h);

TEST(RateLimit, AllowsAMinutesShareAtOnceAndThenOneAtATime) {
  RateLimit limit(3);
  for (int i = 0; i < 3; ++i)
    EXPECT_FALSE(limit.ask("a", kStart)) << i;
  EXPECT_EQ(limit.ask("a", kStart), 20s);
  EXPECT_EQ(limit.ask("a", kStart + 15s), 5s);
  EXPECT_FALSE(limit.ask("a", kStart + 20s));
  EXPECT_TRUE(limit.ask("a", kStart + 20s));
}

TEST(RateLimit, ARefusedRequestCostsNothing) {
  RateLimit limit(1);
  EXPECT_FALSE(limit.ask("a", kStart));
  for (int i = 0; i < 100; ++i)
    EXPECT_TRUE(limit.ask("a", kStart + 1s));
  EXPECT_FALSE(limit.ask("a", kStart + 1min));
}

TEST(RateLimit, AddressesDoNotCountForEachOther) {
  RateLimit limit(1);
  EXPECT_FALSE(limit.ask("a", kStart));
  EXPECT_FALSE(limit.ask("b", kStart));
  EXPECT_TRUE(limit.ask("a", kStart));
}

TEST(RateLimit, ACrowdOfAddressesDoesNotEatTheMemory) {
  RateLimit limit(1);
  for (int i = 0; i < 150'000; ++i)
    limit.ask(std::to_string(i), kStart);
  EXPECT_LE(limit.addresses(), 100'001u);
  EXPECT_FALSE(limit.ask("new", kStart + 2min));  // those who waited long are forgotten
  EXPECT_LE(limit.addresses(), 2u);
}

}  // namespace
}  // namespace turnout
