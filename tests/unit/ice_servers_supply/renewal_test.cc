#include "orchestrator/ice_servers/supply/credential_feed.h"
#include "pipelines/base/clock.h"

#include <gtest/gtest.h>

namespace turnout {
namespace {

TEST(Renewal, ComesWithAFifthOfTheLifetimeLeft) {
  EXPECT_EQ(renewAfter(86'400s), 69'120s);
  EXPECT_EQ(renewAfter(10s), 8s);
}

TEST(Renewal, PausesGrowWithFailuresUpToAMinute) {
  EXPECT_EQ(retryAfter(1, std::nullopt), 1s);
  EXPECT_EQ(retryAfter(2, std::nullopt), 2s);
  EXPECT_EQ(retryAfter(5, std::nullopt), 16s);
  EXPECT_EQ(retryAfter(1000, std::nullopt), 60s);
}

TEST(Renewal, KeepsToWhatTheProviderAskedForWhenThatIsLonger) {
  EXPECT_EQ(retryAfter(1, 120s), 120s);
  EXPECT_EQ(retryAfter(5, 1s), 16s);
}

}  // namespace
}  // namespace turnout
