#include "bots/signaling/server/doorkeeper.h"

#include <gtest/gtest.h>

namespace turnout {
namespace {

using Verdict = Doorkeeper::Verdict;

TEST(Doorkeeper, LetsEverybodyInUnlessTold) {
  Doorkeeper door({});
  for (int i = 0; i < 100; ++i)
    door.entered("10.0.0.1");
  EXPECT_EQ(door.judge("10.0.0.1", "https://evil.example"), Verdict::kWelcome);
}

TEST(Doorkeeper, OnlyPagesOfTheListedOriginsAndWhatIsNoPage) {
  const Doorkeeper door({.origins = {"https://app.example", "http://localhost:3000"}});
  EXPECT_EQ(door.judge("a", "https://app.example"), Verdict::kWelcome);
  EXPECT_EQ(door.judge("a", "http://localhost:3000"), Verdict::kWelcome);
  EXPECT_EQ(door.judge("a", std::nullopt), Verdict::kWelcome);
  for (const char* foreign : {"https://evil.example", "http://app.example", "null", "",
                              "https://app.example.evil.example"})
    EXPECT_EQ(door.judge("a", foreign), Verdict::kForeignOrigin) << foreign;
}

TEST(Doorkeeper, SoManySessionsFromOneAddressAndNoMore) {
  Doorkeeper door({.max_per_address = 2});
  door.entered("a");
  EXPECT_EQ(door.judge("a", std::nullopt), Verdict::kWelcome);
  door.entered("a");
  EXPECT_EQ(door.judge("a", std::nullopt), Verdict::kCrowdedAddress);
  EXPECT_EQ(door.judge("b", std::nullopt), Verdict::kWelcome);
  door.left("a");
  EXPECT_EQ(door.judge("a", std::nullopt), Verdict::kWelcome);
}

}  // namespace
}  // namespace turnout
