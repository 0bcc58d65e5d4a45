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
    for (const Event& event : script) {
      fold_.add(event);
      progress_.add(event);
      tally_.add(event);
    }
  }
  JsonValue page(LiveRun& run) { return *JsonValue::parse(run.pageJson()); }

  const Scenario scenario_ = scenarioOf({"good", "bad"}, 2);
  const Plan plan_ = planOf(scenario_);
  Fold fold_{scenario_, plan_};
  Progress progress_{scenario_, plan_};
  LiveTally tally_;
};

TEST_F(LiveRunOfTwoArms, TellsWhatIsKnownSoFarAndNoVerdict) {
  happens(Script{runStarted()} + goodCall(0) + failedCall(1, FailureCause::kIceFailed) +
          joinedCall(2));
  LiveRun run(scenario_, fold_, progress_, tally_);
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
  EXPECT_FALSE(state.get("verdict").isPresent());
  EXPECT_THAT(run.metrics(), HasSubstr("verdict=\"inconclusive\"} 0\n"));
  EXPECT_THAT(run.metrics(), HasSubstr("arm=\"bad\",result=\"not_started\"} 0\n"))
      << "a counter that would fall";
}

TEST_F(LiveRunOfTwoArms, TheLastWordHasTheVerdict) {
  LiveRun run(scenario_, fold_, progress_, tally_);
  happens(Script{runStarted()} + goodCall(0));
  EXPECT_FALSE(page(run).get("verdict").isPresent());
  happens(goodCall(1) + goodCall(2) + goodCall(3) + Script{runFinished()});
  run.finish();
  EXPECT_EQ(page(run).stringOr("verdict", ""), "pass");
  EXPECT_THAT(page(run).stringOr("sentence", ""), HasSubstr("connected 2 of 2 calls"));
  EXPECT_THAT(run.metrics(), HasSubstr("verdict=\"pass\"} 1\n"));
}

}  // namespace
}  // namespace turnout
