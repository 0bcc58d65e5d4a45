#include "orchestrator/cli/command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Result<std::optional<po::variables_map>> parse(const Words& words) {
  OptionSpec spec{"turnout test", ""};
  spec.visible.add_options()("calls", po::value<std::int64_t>(), "")("quiet", "");
  spec.hidden.add_options()("file", po::value<Words>());
  spec.files = "file";
  return parseOptions(std::move(spec), words);
}

std::string complaintOf(const Words& words) {
  const auto parsed = parse(words);
  EXPECT_FALSE(parsed);
  return parsed ? "" : parsed.error().what;
}

TEST(Options, MayStandBeforeBetweenAndAfterFiles) {
  const auto parsed = parse({"--calls", "3", "a.json", "--quiet", "b.json"});
  ASSERT_TRUE(parsed && *parsed);
  EXPECT_EQ(optionValue<std::int64_t>(**parsed, "calls"), 3);
  EXPECT_TRUE((*parsed)->count("quiet"));
  EXPECT_THAT(optionValue<Words>(**parsed, "file").value_or(Words{}),
              ElementsAre("a.json", "b.json"));
}

TEST(Options, AnUnknownOneNamesTheNearest) {
  EXPECT_THAT(complaintOf({"--clals=3"}), HasSubstr("did you mean \"--calls\"?"));
}

TEST(Options, AreNotGuessedFromTheirFirstLetters) {
  EXPECT_THAT(complaintOf({"--cal", "3"}), HasSubstr("unknown option --cal"));
}

TEST(Options, AWrongValueIsNamed) {
  EXPECT_THAT(complaintOf({"--calls", "many"}), HasSubstr("many"));
  EXPECT_THAT(complaintOf({"--calls"}), HasSubstr("--calls"));
}

}  // namespace
}  // namespace turnout
