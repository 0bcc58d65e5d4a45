#include "bots/signaling/server/admission.h"

#include <gtest/gtest.h>

namespace turnout {
namespace {

using Verdict = Admission::Verdict;

const Instant kNow = fromNs(1'000'000'000);

TEST(Admission, LetsEverybodyInUnlessTold) {
  Admission door({});
  for (int i = 0; i < 100; ++i)
    door.entered("10.0.0.1");
  EXPECT_EQ(door.judge("10.0.0.1", "https://evil.example", kNow), Verdict::kAdmitted);
}

TEST(Admission, OnlyPagesOfTheListedOriginsAndWhatIsNoPage) {
  const Admission door({.origins = {"https://app.example", "http://localhost:3000"}});
  EXPECT_EQ(door.judge("a", "https://app.example", kNow), Verdict::kAdmitted);
  EXPECT_EQ(door.judge("a", "http://localhost:3000", kNow), Verdict::kAdmitted);
  EXPECT_EQ(door.judge("a", std::nullopt, kNow), Verdict::kAdmitted);
  for (const char* foreign : {"https://evil.example", "http://app.example", "null", "",
                              "https://app.example.evil.example"})
    EXPECT_EQ(door.judge("a", foreign, kNow), Verdict::kForeignOrigin) << foreign;
}

TEST(Admission, SoManySessionsFromOneAddressAndNoMore) {
  Admission door({.max_per_address = 2});
  door.entered("a");
  EXPECT_EQ(door.judge("a", std::nullopt, kNow), Verdict::kAdmitted);
  door.entered("a");
  EXPECT_EQ(door.judge("a", std::nullopt, kNow), Verdict::kCrowdedAddress);
  EXPECT_EQ(door.judge("b", std::nullopt, kNow), Verdict::kAdmitted);
  door.left("a", Admission::Left::kUnconfirmed);
  EXPECT_EQ(door.judge("a", std::nullopt, kNow), Verdict::kAdmitted);
}

TEST(Admission, ThoseThatHaveNotShownThatTheyMayBeHereAreFew) {
  Admission door({.max_unconfirmed_per_address = 1, .max_unconfirmed = 2});
  door.entered("a");
  EXPECT_EQ(door.judge("a", std::nullopt, kNow), Verdict::kTooManyUnconfirmed);
  door.entered("b");
  EXPECT_EQ(door.judge("c", std::nullopt, kNow), Verdict::kTooManyUnconfirmed);
  door.confirmed("a");
  EXPECT_EQ(door.judge("a", std::nullopt, kNow), Verdict::kAdmitted);
  door.left("a", Admission::Left::kConfirmed);
  door.left("b", Admission::Left::kUnconfirmed);
  EXPECT_EQ(door.judge("b", std::nullopt, kNow), Verdict::kAdmitted);
}

TEST(Admission, WhoIsBarredWaits) {
  Admission door({});
  door.bar("a", kNow + 60s);
  EXPECT_EQ(door.judge("a", std::nullopt, kNow + 59s), Verdict::kBarred);
  EXPECT_EQ(door.judge("b", std::nullopt, kNow), Verdict::kAdmitted);
  EXPECT_EQ(door.judge("a", std::nullopt, kNow + 60s), Verdict::kAdmitted);
}

}  // namespace
}  // namespace turnout
