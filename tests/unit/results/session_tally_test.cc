#include "orchestrator/results/fold/session_tally.h"

#include "orchestrator/results/fold/summary.h"
#include "orchestrator/results/judge/judgement_words.h"
#include "orchestrator/results/judge/verdict.h"
#include "tests/unit/results/call_script.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

Scenario ringing(int calls) {
  Scenario scenario = scenarioOf({"a"}, calls);
  scenario.shape.kind = CallMode::kCall;
  scenario.steps.emplace_back().away = 800ms;
  return scenario;
}

Cell cellOf(const Script& calls, const Scenario& scenario) {
  return summarise(scenario, foldOf(wholeRun(calls), scenario)).cells.at(0);
}

Script unanswered(int call) {
  const double t = startOf(call);
  return joinedCall(call) +
         Script{ofBot(t + 11, call, 1, CallRang{}),
                ofBot(t + 311, call, 0, BotFailed{FailureCause::kNotAnswered, "busy"})} +
         leave(call, 320);
}

TEST(SessionTally, WaitingInVainIsCensoredAtItsDeadline) {
  const Cell cell =
      cellOf(ringingCall(0) + leave(0) + unanswered(1) + failedCall(2, FailureCause::kJoinRejected),
             ringing(3));
  ASSERT_TRUE(cell.session.wait_time);
  const WaitingTimes& wait = *cell.session.wait_time;
  EXPECT_EQ(wait.horizon_ms, 60'000);
  EXPECT_EQ(wait.curve.size(), 2u) << "one was refused before anything rang";
  EXPECT_EQ(wait.curve.censored(), 1u);
  EXPECT_EQ(wait.curve.percentile(50), 500);
  EXPECT_EQ(wait.curve.restrictedMean(60'000), (500 + 60'000) / 2.0);
  EXPECT_EQ(cell.session.rings, 2);
  EXPECT_EQ(cell.session.answered, 1);
}

TEST(SessionTally, AWaitThatTurnoutLostIsCensoredThere) {
  const Scenario scenario = ringing(2);
  const Script log =
      Script{runStarted()} + joinedCall(0) +
      Script{ofBot(11, 0, 1, CallRang{}), ofBot(2011, 0, 0, SessionError{"busy", "call"})};
  const Cell cell = summarise(scenario, foldOf(log, scenario)).cells.at(0);
  EXPECT_EQ(cell.session.wait_time->curve.size(), 1u);
  EXPECT_EQ(cell.session.wait_time->curve.watchedFor(), 2000);
}

TEST(SessionTally, ARoomHasNoWait) {
  EXPECT_FALSE(cellOf(goodCall(0), scenarioOf({"a"}, 1)).session.wait_time);
}

TEST(SessionTally, StepsCountByActionAndAreJudgedWhereSomethingWasDue) {
  const auto call = [](int index) {
    return connectedCall(index) + mediaOf(index) + leave(index, 40'000);
  };
  const Cell cell =
      cellOf(call(0) + stepOf(0, 1, 0, StepKind::kRefresh, 1000) + recovery(0, 2300, 1200) +
                 Script{ofBot(1790, 0, 1, SessionResumed{true, 790})} + call(1) +
                 stepOf(1, 1, 0, StepKind::kRefresh, 1000) +
                 Script{ofBot(2790, 1, 1, SessionResumed{false, 790})} + call(2) +
                 stepOf(2, 1, 0, StepKind::kRefresh, 15) + call(3) +
                 stepOf(3, 0, 1, StepKind::kTabKill, 1000),
             ringing(4));
  const StepTally& refresh = cell.session.steps.at("refresh");
  EXPECT_EQ(refresh.taken, 3);
  EXPECT_EQ(refresh.due, 2);
  EXPECT_EQ(refresh.good, 1);
  EXPECT_EQ(refresh.resumed, 1);
  EXPECT_EQ(refresh.anew, 1);
  EXPECT_EQ(refresh.outage.curve.percentile(50), 1201);
  EXPECT_FALSE(refresh.outage.curve.percentile(95)) << "one of two never came back";
  EXPECT_EQ(refresh.outage.horizon_ms, 30'800) << "away, and the deadline to recover";
  const StepTally& killed = cell.session.steps.at("tab_kill");
  EXPECT_EQ(killed.due, 1);
  EXPECT_EQ(killed.good, 0);
  EXPECT_EQ(cell.session.recovery().trials, 2) << "after a tab_kill nobody comes back";
  EXPECT_EQ(cell.session.recovery().successes, 1);
  EXPECT_EQ(cell.session.outage_time.curve.size(), 2u);
}

TEST(SessionTally, RefusalsAndFaultsAreCountedByTimesAndByCalls) {
  const auto fault = [](int call, double after, AppFault kind, const char* detail) {
    return ofBot(startOf(call) + after, call, 0, AppFaultSeen{kind, detail});
  };
  const auto refused = [](int call, double after, const char* word) {
    return ofBot(startOf(call) + after, call, 0, SessionError{word, "signal"});
  };
  const Cell cell =
      cellOf(goodCall(0) + goodCall(1) + goodCall(2) + goodCall(3) +
                 Script{refused(0, 200, "ghost_session"), refused(0, 300, "ghost_session"),
                        refused(1, 200, "stale_peer"),
                        fault(0, 200, AppFault::kRingTimeoutRace, "after 30 s"),
                        fault(2, 200, AppFault::kRingTimeoutRace, "after 31 s"),
                        fault(2, 300, AppFault::kDuplicateCandidates, ""),
                        ofLink(500, 0, 0, 1, PartnerLeft{"hung_up"})},
             ringing(4));
  EXPECT_THAT(cell.session.session_errors,
              ElementsAre(Pair("ghost_session", 2), Pair("stale_peer", 1)));
  EXPECT_EQ(cell.session.sessionErrors(), 3);
  EXPECT_EQ(cell.session.calls_with_session_errors, 2);
  EXPECT_EQ(cell.sessionErrorRate().rate(), 0.5);
  EXPECT_EQ(cell.session.app_faults.at(AppFault::kRingTimeoutRace).calls, 2);
  EXPECT_EQ(cell.session.app_faults.at(AppFault::kRingTimeoutRace).example, "after 30 s");
  EXPECT_EQ(cell.session.appFaults(), 3);
  EXPECT_THAT(cell.session.partner_left, ElementsAre(Pair("hung_up", 1)));
}

TEST(SessionTally, MessagesAreThereWhenTheyAreConfigured) {
  Scenario scenario = scenarioOf({"a"}, 1);
  const Script call =
      goodCall(0) + Script{ofLink(2000, 0, 0, 1, MessageReport{5, 3, "[100,300,200]"})};
  EXPECT_FALSE(cellOf(call, scenario).session.messages);
  scenario.messages.emplace();
  const Cell cell = cellOf(call, scenario);
  EXPECT_EQ(cell.session.messages->lost(), 2);
  EXPECT_EQ(cell.session.messages->round_trip_ms.percentile(50), 0.2);
}

// --- thresholds on them ---

Scenario judged(Scenario scenario, const char* key, const char* expression) {
  auto threshold = parseThreshold(key, expression);
  EXPECT_TRUE(threshold) << threshold.error().what;
  threshold->rule = ThresholdRule::kEstimate;
  scenario.thresholds.push_back(*std::move(threshold));
  return scenario;
}

Verdict verdictOf(const Scenario& scenario, const Script& calls) {
  return judge(scenario, summarise(scenario, foldOf(wholeRun(calls), scenario)));
}

// One of two refreshes is not back; a refusal and two faults in the first call.
Script troubledRun() {
  Script script;
  for (int call = 0; call < 2; call++)
    script = script + ringingCall(call) + leave(call, 40'000) +
             stepOf(call, 1, 0, StepKind::kRefresh, 1000);
  return script + recovery(0, 2300) +
         Script{ofBot(900, 0, 0, SessionError{"ghost_session", "signal"}),
                ofBot(910, 0, 0, AppFaultSeen{AppFault::kNotResumed, ""}),
                ofBot(920, 0, 1, AppFaultSeen{AppFault::kNotResumed, ""}),
                ofLink(3000, 0, 0, 1, MessageReport{2, 2, "[1000,3000]"})};
}

TEST(SessionThresholds, EachMeasureIsJudged) {
  Scenario scenario = ringing(2);
  scenario.messages.emplace();
  struct Row {
    const char *key, *expression;
    bool holds;
    const char* observed;
  };
  const Row rows[] = {
      {"wait_time", "max<=500", true, "500 ms"},
      {"wait_time{turn:*}", "avg<500", false, "500 ms"},
      {"join_time", "p(100)<=8", true, "8.0 ms"},
      {"join_time", "min<7", false, "7.0 ms"},
      {"message_round_trip", "med<=1", true, "1.0 ms"},
      {"message_round_trip", "max<3", false, "3.0 ms"},
      {"outage_time", "med<=1201", true, "1201 ms"},
      {"outage_time", "p(95)<30000", false, "not reached"},
      {"recovery_rate", "rate>=0.5", true, "50 %"},
      {"recovery_rate", "rate>0.5", false, "50 %"},
      {"session_error_rate", "rate<=0.5", true, "50 %"},
      {"session_error_rate", "rate<0.5", false, "50 %"},
      {"session_errors", "count<=1", true, "1"},
      {"session_errors", "count<1", false, "1"},
      {"app_faults", "count<=2", true, "2"},
      {"app_faults{turn:a}", "count<=1", false, "2"},
  };
  for (const Row& row : rows) {
    const Verdict verdict = verdictOf(judged(scenario, row.key, row.expression), troubledRun());
    EXPECT_EQ(verdict.judgements.at(0).ruling, row.holds ? Ruling::kPass : Ruling::kFail)
        << row.key << " " << row.expression;
    EXPECT_EQ(observedText(verdict.judgements.at(0)), row.observed);
    EXPECT_EQ(verdict.ruling, row.holds ? Ruling::kPass : Ruling::kFail);
  }
}

TEST(SessionThresholds, WithoutDataNoneIsDecided) {
  const Scenario room = scenarioOf({"a"}, 1);
  for (const char* key : {"wait_time", "message_round_trip", "outage_time"})
    EXPECT_EQ(verdictOf(judged(room, key, "max<1"), goodCall(0)).ruling, Ruling::kInconclusive)
        << key;
  EXPECT_THAT(reasonsOf(verdictOf(judged(room, "recovery_rate", "rate>=0"), goodCall(0))),
              ElementsAre("recovery_rate rate>=0 is open: no data."));
  EXPECT_EQ(verdictOf(judged(room, "app_faults", "count<1"), goodCall(0)).ruling, Ruling::kPass)
      << "none was seen, and somebody looked";
}

TEST(SessionThresholds, FaultsThatNobodyJudgesAreANote) {
  EXPECT_THAT(notesOf(verdictOf(ringing(2), troubledRun())),
              ElementsAre("the app made 2 mistakes (above), and no threshold on app_faults judges "
                          "that."));
  EXPECT_EQ(verdictOf(ringing(2), troubledRun()).ruling, Ruling::kPass);
  EXPECT_THAT(notesOf(verdictOf(judged(ringing(2), "app_faults", "count<9"), troubledRun())),
              IsEmpty());
}

}  // namespace
}  // namespace turnout
