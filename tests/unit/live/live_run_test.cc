#include "orchestrator/live/live_run.h"

#include "pipelines/base/json.h"
#include "tests/unit/results/call_script.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)
using ::testing::HasSubstr;

class LiveRunOfTwoArms : public ::testing::Test {
 protected:
  void happens(const Script& script) {
    for (const Event& event : script)
      fold_.add(event);
  }
  JsonValue page(LiveRun& run) { return *JsonValue::parse(run.pageJson()); }

  const Scenario scenario_ = scenarioOf({"good", "bad"}, 2);
  Fold fold_{scenario_, planOf(scenario_)};
  const Progress progress_{scenario_, fold_};
};

TEST_F(LiveRunOfTwoArms, TellsWhatIsKnownSoFarAndNoVerdict) {
  happens(Script{runStarted()} + goodCall(0) + failedCall(1, FailureCause::kIceFailed) +
          joinedCall(2));
  LiveRun run(scenario_, fold_, progress_);
  const JsonValue state = page(run);
  const auto arms = state.get("arms").elements();
  ASSERT_EQ(arms.size(), 2u);
  EXPECT_EQ(arms[0].integerOr("planned", 0), 2);
  EXPECT_EQ(arms[0].integerOr("started", 0), 2);
  EXPECT_EQ(arms[0].integerOr("running", 0), 1) << "and not lost, as in a report";
  EXPECT_EQ(arms[0].integerOr("aborted", -1), 0);
  EXPECT_EQ(arms[0].get("p50").numberOr("ms", 0), 100);
  EXPECT_EQ(arms[1].integerOr("failed", 0), 1);
  EXPECT_EQ(state.get("failures").elements().at(0).integerOr("arm", -1), 1);
  const auto causes = state.get("causes").elements();
  ASSERT_EQ(causes.size(), 1u);
  EXPECT_EQ(causes[0].integerOr("calls", 0), 1);
  EXPECT_EQ(causes[0].get("arms").elements().at(0).stringOr("turn", ""), "bad");
  EXPECT_NE(causes[0].stringOr("remedy", ""), "");
  EXPECT_TRUE(state.get("thresholds").isPresent());
  EXPECT_TRUE(state.get("course").isPresent());
  EXPECT_FALSE(state.get("verdict").isPresent());
  EXPECT_THAT(run.metrics(), HasSubstr("verdict=\"inconclusive\"} 0\n"));
  EXPECT_THAT(run.metrics(), HasSubstr("arm=\"bad\",result=\"not_started\"} 0\n"))
      << "a counter that would fall";
}

TEST_F(LiveRunOfTwoArms, TheLastWordHasTheVerdict) {
  LiveRun run(scenario_, fold_, progress_);
  happens(Script{runStarted()} + goodCall(0));
  EXPECT_FALSE(page(run).get("verdict").isPresent());
  happens(goodCall(1) + goodCall(2) + goodCall(3) + Script{runFinished()});
  run.finish();
  EXPECT_EQ(page(run).stringOr("verdict", ""), "pass");
  EXPECT_THAT(page(run).stringOr("sentence", ""), HasSubstr("connected 2 of 2 calls"));
  EXPECT_THAT(run.metrics(), HasSubstr("verdict=\"pass\"} 1\n"));
}

TEST_F(LiveRunOfTwoArms, EachBotIsInOneStage) {
  happens(Script{runStarted()} + goodCall(0) + joinedCall(1) + connectedCall(2) + mediaOf(2) +
          Script{ofBot(startOf(2) + 900, 2, 1, StepTaken{0, StepKind::kRefresh, 0})} +
          Script{ofBot(startOf(3), 3, 0, BotStarted{toNs(ms(startOf(3)))})});
  LiveRun run(scenario_, fold_, progress_);
  const JsonValue bots = page(run).get("bots");
  EXPECT_EQ(bots.integerOr("left", -1), 2);
  EXPECT_EQ(bots.integerOr("connecting", -1), 2);
  EXPECT_EQ(bots.integerOr("in_call", -1), 1);
  EXPECT_EQ(bots.integerOr("in_step", -1), 1);
  EXPECT_EQ(bots.integerOr("joining", -1), 1);
}

TEST_F(LiveRunOfTwoArms, TheNewestFailureIsFirst) {
  happens(Script{runStarted()} + failedCall(0, FailureCause::kIceFailed, 3000, "one") +
          failedCall(1, FailureCause::kTurnAuth, 60, "two"));
  LiveRun run(scenario_, fold_, progress_);
  const JsonValue state = page(run);
  EXPECT_EQ(state.integerOr("failures_seen", 0), 2);
  const auto failures = state.get("failures").elements();
  ASSERT_EQ(failures.size(), 2u);
  EXPECT_EQ(failures[0].integerOr("call", -1), 0) << "it failed at 3 s, the other one at 1.06";
  EXPECT_EQ(failures[1].integerOr("call", -1), 1);
}

}  // namespace
}  // namespace turnout
