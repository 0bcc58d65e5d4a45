#include "pipelines/ice/ice_config.h"

#include <gtest/gtest.h>

namespace turnout {
namespace {

TEST(IceProfile, FastWaitsForNothingOfItsOwn) {
  const auto fast = iceProfile("fast");
  ASSERT_TRUE(fast);
  EXPECT_EQ(fast->nomination, Nomination::kAggressive);
  EXPECT_LE(fast->pacing, 5ms);
  EXPECT_EQ(fast->jitter_buffer, 0ms);
}

TEST(IceProfile, BrowserChecksAtTheRateOfLibwebrtc) {
  const auto browser = iceProfile("browser");
  ASSERT_TRUE(browser);
  EXPECT_EQ(browser->nomination, Nomination::kAggressive);
  EXPECT_EQ(browser->pacing, 50ms);
  EXPECT_FALSE(browser->consent_freshness);
}

TEST(IceProfile, EachKnowsItsName) {
  for (const char* name : {"fast", "browser"})
    EXPECT_EQ(iceProfile(name)->name, name);
}

TEST(IceProfile, OtherNamesAreUnknown) {
  for (const char* name : {"", "Fast", "slow", "fast "})
    EXPECT_FALSE(iceProfile(name)) << name;
}

}  // namespace
}  // namespace turnout
