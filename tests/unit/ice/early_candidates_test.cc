#include "pipelines/ice/agent/ice_credentials.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST(EarlyCandidates, AreGivenOnceAndToTheirGenerationOnly) {
  EarlyCandidates early;
  early.keep("new", "1");
  early.keep("newer", "2");
  early.keep("new", "3");
  EXPECT_THAT(early.take("old"), IsEmpty());
  EXPECT_THAT(early.take("new"), ElementsAre("1", "3"));
  EXPECT_THAT(early.take("new"), IsEmpty());
  EXPECT_THAT(early.take("newer"), ElementsAre("2"));
}

TEST(EarlyCandidates, AreBounded) {
  EarlyCandidates early;
  for (int i = 0; i < 1'000; ++i)
    early.keep("new", std::to_string(i));
  const auto lines = early.take("new");
  EXPECT_THAT(lines, SizeIs(64));
  EXPECT_EQ(lines.back(), "999");
}

}  // namespace
}  // namespace turnout
