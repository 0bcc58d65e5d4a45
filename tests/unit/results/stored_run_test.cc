#include "orchestrator/results/judge/judgement_words.h"
#include "orchestrator/results/judge/verdict.h"
#include "pipelines/base/files.h"
#include "scenarios/load.h"
#include "tests/unit/results/call_script.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)
using ::testing::Contains;
using ::testing::HasSubstr;

constexpr const char* kScenarioText = R"({
  "name": "stored",
  "calls": {"per_arm": 2},
  "arrival": {"rate_per_s": 1, "shape": "even"},
  "turn": [{"name": "none", "ice_servers": []}],
  "thresholds": {"success_rate": ["rate>=1"]}
})";

class StoredRunTest : public ::testing::Test {
 protected:
  StoredRunTest() : dir_(*TempDir::create("stored-run")) { write("scenario.json", kScenarioText); }
  void write(const std::string& name, const std::string& text) {
    std::ofstream(dir_.file(name), std::ios::binary) << text;
  }
  // The log of two good calls at the instants of the plan of `seed`.
  static std::string log(std::uint64_t seed) {
    auto loaded = parseScenario(kScenarioText);
    auto& scenario = std::get<LoadedScenario>(loaded).scenario;
    scenario.seed = seed;
    Script script = {ofRun(0, RunStarted{kEpochNs, "r", "stored", "fast", "", "{}", seed})};
    for (const PlannedCall& call : makePlan(scenario).calls) {
      for (Event event : goodCall(call.id)) {
        event.at += call.start - milliseconds(1000 * call.id);
        script.push_back(event);
      }
    }
    script.push_back(runFinished());
    std::string text;
    for (const Event& event : script)
      text += eventLine(event) + "\n";
    return text;
  }

  TempDir dir_;
};

TEST_F(StoredRunTest, ALogGivesTheSameVerdictAsTheRun) {
  write("events.jsonl", log(1));
  const auto run = judgeStoredRun(dir_.path());
  ASSERT_TRUE(run) << run.error().what;
  EXPECT_EQ(run->verdict.ruling, Ruling::kPass);
  EXPECT_EQ(run->summary.total.succeeded, 2);
  EXPECT_EQ(run->summary.total.connect_time.curve.percentile(50), 100);
  EXPECT_EQ(run->summary.run.id, "r");
}

TEST_F(StoredRunTest, ThePlanIsMadeFromTheSeedInTheLog) {
  write("events.jsonl", log(99));
  const auto run = judgeStoredRun(dir_.path());
  ASSERT_TRUE(run) << run.error().what;
  EXPECT_EQ(run->summary.run.seed, 99u);
  EXPECT_EQ(run->summary.total.connect_time.curve.percentile(100), 100);
}

TEST_F(StoredRunTest, HalfALastLineIsCountedAndTheRestIsUsed) {
  const std::string whole = log(1);
  write("events.jsonl", whole.substr(0, whole.size() - 20));
  const auto run = judgeStoredRun(dir_.path());
  ASSERT_TRUE(run) << run.error().what;
  EXPECT_EQ(run->summary.run.unreadable_lines, 1);
  EXPECT_EQ(run->summary.total.succeeded, 2);
  EXPECT_EQ(run->verdict.ruling, Ruling::kInconclusive);
  EXPECT_THAT(reasonsOf(run->verdict), Contains("1 line of the event log could not be read."));
}

TEST_F(StoredRunTest, WhatCannotBeUsedSaysWhy) {
  EXPECT_THAT(readStoredRun(dir_.path()).error().what, HasSubstr("events.jsonl"));
  write("events.jsonl", "");
  EXPECT_THAT(readStoredRun(dir_.path()).error().what, HasSubstr("nothing was recorded"));
  EXPECT_THAT(readStoredRun(dir_.file("absent")).error().what, HasSubstr("there is no such run"));
}

}  // namespace
}  // namespace turnout
