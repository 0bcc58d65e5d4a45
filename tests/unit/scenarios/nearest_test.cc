#include "scenarios/problem.h"

#include <gtest/gtest.h>

namespace turnout {
namespace {

const std::vector<std::string> kKeys{"name", "description", "seed", "join_ms", "connect_ms"};

TEST(Nearest, CountsSlipsOfThePen) {
  EXPECT_EQ(editDistance("", ""), 0U);
  EXPECT_EQ(editDistance("seed", ""), 4U);
  EXPECT_EQ(editDistance("seed", "sed"), 1U);
  EXPECT_EQ(editDistance("seed", "seeed"), 1U);
  EXPECT_EQ(editDistance("seed", "send"), 1U);
  EXPECT_EQ(editDistance("seed", "sede"), 1U);  // two neighbours swapped
  EXPECT_EQ(editDistance("Seed", "sEED"), 0U);
  EXPECT_EQ(editDistance("kitten", "sitting"), 3U);
}

TEST(Nearest, FindsTheWordThatWasMeant) {
  EXPECT_EQ(nearest("nmae", kKeys), "name");
  EXPECT_EQ(nearest("desciption", kKeys), "description");
  EXPECT_EQ(nearest("join", kKeys), "join_ms");
  EXPECT_EQ(nearest("SEED", kKeys), "seed");
}

TEST(Nearest, IsSilentWhenNothingIsNear) {
  EXPECT_EQ(nearest("colour", kKeys), "");
  EXPECT_EQ(nearest("", kKeys), "");
  EXPECT_EQ(nearest(std::string(10'000, 'x'), kKeys), "");
}

TEST(Nearest, SuggestionListsTheKnownWordsWhenNoneIsNear) {
  EXPECT_EQ(suggestion("sed", kKeys), " (did you mean \"seed\"?)");
  EXPECT_EQ(suggestion("colour", {"a-word", "b-word"}), " (known: a-word, b-word)");
  EXPECT_EQ(suggestion("colour", {}), "");
}

}  // namespace
}  // namespace turnout
