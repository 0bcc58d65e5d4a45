#include "orchestrator/results/compare/compared_runs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

JsonValue json(const char* text) {
  auto parsed = JsonValue::parse(text);
  EXPECT_TRUE(parsed) << text;
  return *parsed;
}

TEST(ScenarioDifference, NamesThePathAndBothValues) {
  EXPECT_THAT(
      scenarioDifferences(
          json(R"({"calls": {"hold_ms": 1000}, "media": {"kinds": ["audio", "video"]}})"),
          json(R"({"calls": {"hold_ms": 2000}, "media": {"kinds": ["audio"]}})")),
      ElementsAre("calls.hold_ms: 1000 and 2000", "media.kinds[1]: \"video\" and not given"));
}

TEST(ScenarioDifference, WhatDoesNotChangeACallIsNoDifference) {
  EXPECT_THAT(
      scenarioDifferences(json(R"({"name": "a", "seed": 1, "calls": {"per_arm": 8, "bots": 2},
                                   "turn": [{"name": "x"}], "hosts": 1})"),
                          json(R"({"name": "b", "profile": "fast", "calls": {"bots": 2},
                                   "thresholds": {"success_rate": ["rate>=1"]}})")),
      IsEmpty());
}

TEST(ScenarioDifference, ArmsAreComparedByName) {
  const JsonValue a = json(R"({"turn": [{"name": "x"}, {"name": "y", "policy": "relay"}]})");
  const JsonValue b = json(R"({"turn": [{"name": "y", "policy": "all"}, {"name": "x"}]})");
  EXPECT_THAT(armDifferences(a, b, "x"), IsEmpty());
  EXPECT_THAT(armDifferences(a, b, "y"), ElementsAre(R"(turn "y": policy: "relay" and "all")"));
}

TEST(RunConditions, TellSeedProfileAndVersions) {
  RunFacts a, b;
  EXPECT_THAT(conditionDifferences(a, b), IsEmpty());
  a.seed = 1;
  b.seed = 7;
  a.profile = "fast";
  b.profile = "browser";
  a.versions_json = R"({"turnout": "0.1.0", "coturn": "4.6.1"})";
  b.versions_json = R"({"coturn": "4.17.1", "turnout": "0.1.0"})";
  EXPECT_THAT(conditionDifferences(a, b),
              ElementsAre("Different seeds (1 and 7): calls start at other times.",
                          "Different ICE profiles (fast and browser): times differ by design.",
                          "Different versions: coturn: \"4.6.1\" and \"4.17.1\"."));
}

}  // namespace
}  // namespace turnout
