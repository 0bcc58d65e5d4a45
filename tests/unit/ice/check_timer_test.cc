#include "pipelines/ice/hooks/check_hooks.h"

#include <gtest/gtest.h>

namespace turnout {
namespace {

TEST(CheckTimeout, IsLibnicesWhereServersAreNear) {
  EXPECT_EQ(checkTimeout(500, 0, 0), 500u);
  EXPECT_EQ(checkTimeout(500, 20, 31), 500u);
  EXPECT_EQ(checkTimeout(1200, 20, 0), 1200u);  // of many pairs (RFC 8445 14.3)
}

TEST(CheckTimeout, IsLongerThanAPathOverTwoRelaysThatAreFarAway) {
  EXPECT_GT(checkTimeout(500, 500, 0), 1000u);
  EXPECT_GT(checkTimeout(500, 1500, 0), 3000u);
}

TEST(CheckTimeout, GrowsWhereChecksGoOnAndOn) {
  EXPECT_EQ(checkTimeout(500, 0, 32), 1000u);
  EXPECT_EQ(checkTimeout(500, 0, 64), 2000u);
  EXPECT_EQ(checkTimeout(500, 0, 1'000'000), 8000u);
}

}  // namespace
}  // namespace turnout
