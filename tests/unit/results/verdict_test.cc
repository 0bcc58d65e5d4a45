#include "orchestrator/results/judge/verdict.h"

#include "orchestrator/results/fold/figures.h"
#include "orchestrator/results/judge/judgement_words.h"
#include "tests/unit/results/call_script.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Scenario withThreshold(Scenario scenario, const char* key, const char* expression,
                       ThresholdRule rule = ThresholdRule::kInterval) {
  auto threshold = parseThreshold(key, expression);
  EXPECT_TRUE(threshold) << threshold.error().what;
  threshold->rule = rule;
  scenario.thresholds.push_back(*std::move(threshold));
  return scenario;
}

Verdict verdictOf(const Scenario& scenario, const Script& script) {
  return judge(scenario, summarise(scenario, foldOf(script, scenario)));
}

const Scenario kTwoArms = scenarioOf({"good", "bad"}, 4);

Script mixedRun() {  // every call of "good" succeeds, one of four of "bad"
  Script calls;
  for (int call = 0; call < 8; call++)
    calls = calls + (call % 2 == 0 || call == 1 ? goodCall(call)
                                                : failedCall(call, FailureCause::kIceFailed));
  return wholeRun(calls);
}

TEST(Verdict, WithoutThresholdsACompleteRunPasses) {
  const Verdict verdict = verdictOf(kTwoArms, mixedRun());
  EXPECT_EQ(verdict.ruling, Ruling::kPass);
  EXPECT_THAT(reasonsOf(verdict), IsEmpty());
}

TEST(Verdict, WhatWasNegotiatedOneWayIsNotMissingAndIsTold) {
  Script calls;
  for (int call = 0; call < 8; call++) {
    Script one = goodCall(call);
    if (call < 2)
      one.push_back(ofLink(startOf(call) + 40, call, 0, 1,
                           MediaNegotiated{MediaKind::kVideo, false, call == 1, false}));
    else
      one.push_back(ofLink(startOf(call) + 40, call, 0, 1,
                           MediaNegotiated{MediaKind::kVideo, true, true, true}));
    calls = calls + one;
  }
  const Verdict verdict = verdictOf(kTwoArms, wholeRun(calls));
  EXPECT_EQ(verdict.ruling, Ruling::kPass);
  EXPECT_THAT(
      notesOf(verdict),
      ElementsAre(
          "in 1 of 8 connected calls no video to or from the other end, which has no VP8: so it "
          "was negotiated, and it is not missing (media.video.expect makes it a failure).",
          "in 1 of 8 connected calls no video to the other end, which has no VP8: so it was "
          "negotiated, and it is not missing (media.video.expect makes it a failure)."));
}

TEST(Verdict, SocketsThatNobodyMeantToCutAreTold) {
  Script calls = mixedRun();
  for (int i = 0; i < 6; i++)
    for (const int call : {0, 2})
      calls.push_back(ofBot(startOf(call) + 500 + i, call, 0, SocketLost{"closed"}));
  EXPECT_THAT(
      notesOf(verdictOf(kTwoArms, calls)),
      ElementsAre("bots lost their socket to the signaling server 12 times in 2 calls: look "
                  "for restarts, and for idle timeouts of proxies in front of it."));
  Scenario disturbed = kTwoArms;
  disturbed.steps.emplace_back();
  EXPECT_THAT(notesOf(verdictOf(disturbed, calls)), IsEmpty());
}

TEST(Verdict, AThresholdWithoutSelectorJudgesAllCallsPooled) {
  const Verdict verdict =
      verdictOf(withThreshold(kTwoArms, "success_rate", "rate>=0.9"), mixedRun());
  EXPECT_EQ(verdict.ruling, Ruling::kFail);
  ASSERT_EQ(verdict.judgements.size(), 1u);
  EXPECT_EQ(verdict.judgements[0].observed, 5.0 / 8);
  EXPECT_THAT(reasonsOf(verdict),
              ElementsAre("success_rate rate>=0.9 does not hold: 62.5 %, 95 % interval "
                          "30.6-86.3 %, n = 8."));
}

TEST(Verdict, ASelectorJudgesOneArmAndAStarEach) {
  EXPECT_EQ(
      verdictOf(withThreshold(kTwoArms, "success_rate{turn:good}", "rate>=0.5"), mixedRun()).ruling,
      Ruling::kPass);
  const Verdict each =
      verdictOf(withThreshold(kTwoArms, "success_rate{turn:*}", "rate>=1"), mixedRun());
  ASSERT_EQ(each.judgements.size(), 2u);
  EXPECT_EQ(each.judgements[0].ruling, Ruling::kPass);
  EXPECT_EQ(each.judgements[1].ruling, Ruling::kFail);
  EXPECT_THAT(reasonsOf(each),
              ElementsAre(HasSubstr("success_rate of bad rate>=1 does not hold: ")));
}

TEST(Verdict, APercentileThatIsNotReachedIsSlowerThanAnyLimit) {
  const Verdict fast = verdictOf(
      withThreshold(kTwoArms, "connect_time{turn:bad}", "p(95)<100000", ThresholdRule::kEstimate),
      mixedRun());
  EXPECT_EQ(fast.ruling, Ruling::kFail);
  EXPECT_TRUE(std::isinf(*fast.judgements[0].observed));
  EXPECT_THAT(reasonsOf(fast), ElementsAre(HasSubstr("does not hold: not reached, ")));
  EXPECT_EQ(
      verdictOf(withThreshold(kTwoArms, "connect_time{turn:bad}", "p(95)>99"), mixedRun()).ruling,
      Ruling::kPass)
      << "the interval begins where the first call was connected";
}

TEST(Verdict, EveryMeasureAndAggregateIsJudged) {
  struct Row {
    const char *key, *expression;
    bool holds;
  };
  const Row rows[] = {
      {"connect_time{turn:good}", "p(95)<=100", true},
      {"connect_time{turn:good}", "p(95)<100", false},
      {"connect_time{turn:good}", "max<=100", true},
      {"connect_time{turn:good}", "mean<=100", true},
      {"connect_time{turn:bad}", "mean<11276", true},  // (100 + 3 * 15000) / 4
      {"connect_time{turn:bad}", "mean<11275", false},
      {"connect_time{turn:bad}", "min<=100", true},
      {"first_media_time{turn:good}", "med<=130", true},
      {"first_media_time{turn:good}", "med<130", false},
      {"signaling_time", "max<=10", true},
      {"signaling_time", "max<10", false},
      {"schedule_lag", "max<=2", true},
      {"schedule_lag", "mean<1.5", false},
      {"schedule_lag", "min>=1", true},
      {"schedule_lag", "p(50)<=1", true},
  };
  for (const Row& row : rows) {
    const Verdict verdict = verdictOf(
        withThreshold(kTwoArms, row.key, row.expression, ThresholdRule::kEstimate), mixedRun());
    EXPECT_EQ(verdict.judgements.at(0).ruling, row.holds ? Ruling::kPass : Ruling::kFail)
        << row.key << " " << row.expression;
  }
}

TEST(Verdict, ALateScheduleMakesTheRunInconclusiveWhateverTheThresholdsSay) {
  Script late = mixedRun();
  for (Event& event : late) {
    if (const auto* started = std::get_if<BotStarted>(&event.body))
      event.at = fromNs(started->scheduled_ns) + 60ms;
  }
  for (const char* expression : {"rate>=0.1", "rate>=0.99"}) {
    const Verdict verdict = verdictOf(withThreshold(kTwoArms, "success_rate", expression), late);
    EXPECT_EQ(verdict.ruling, Ruling::kInconclusive);
    EXPECT_THAT(reasonsOf(verdict), Contains(HasSubstr("turnout itself was the bottleneck: bots "
                                                       "started up to 60 ms late")));
  }
}

TEST(Verdict, AnInterruptedRunIsInconclusive) {
  Script script = Script{runStarted()} + goodCall(0) + goodCall(1);
  EXPECT_THAT(reasonsOf(verdictOf(kTwoArms, script)),
              Contains(HasSubstr("The event log has no end (turnout was killed, or still runs): "
                                 "2 of 8 calls finished.")));
  script.push_back(ofRun(9000, RunFinished{"interrupted"}));
  const Verdict verdict = verdictOf(kTwoArms, script);
  EXPECT_EQ(verdict.ruling, Ruling::kInconclusive);
  EXPECT_THAT(reasonsOf(verdict), ElementsAre("The run was interrupted: 2 of 8 calls finished."));
}

TEST(Verdict, AnArmWithoutFinishedCallsIsInconclusive) {
  Script calls;
  for (int call = 0; call < 8; call += 2)
    calls = calls + goodCall(call);
  EXPECT_THAT(reasonsOf(verdictOf(kTwoArms, wholeRun(calls))),
              ElementsAre("4 planned calls never started.", "No call of bad finished."));
}

TEST(Verdict, CallsLostByTurnoutAreInconclusive) {
  Script run = mixedRun();
  run = run + Script{ofCall(0, 7, CallAssigned{0}), ofRun(7011, HostExited{0, "signal 9", false})};
  std::erase_if(
      run, [](const Event& event) { return event.call == 7 && event.at > ms(startOf(7) + 100); });
  const Verdict verdict = verdictOf(kTwoArms, run);
  EXPECT_EQ(verdict.ruling, Ruling::kInconclusive);
  EXPECT_THAT(reasonsOf(verdict), ElementsAre("1 call was lost because a bot host died."));
}

TEST(Verdict, ADeadServiceIsInconclusive) {
  const Verdict verdict = verdictOf(
      kTwoArms, mixedRun() + Script{ofRun(1, ServiceStarted{"coturn", "127.0.0.1:3478", 5}),
                                    ofRun(2000, ServiceExited{"coturn", "signal 11", false})});
  EXPECT_THAT(reasonsOf(verdict),
              ElementsAre("The coturn service died during the run (signal 11)."));
  EXPECT_EQ(verdictOf(kTwoArms,
                      mixedRun() + Script{ofRun(60'000, ServiceExited{"coturn", "exit 0", true})})
                .ruling,
            Ruling::kPass);
}

// --- three states: on which side of the limit is the interval? ---

Verdict ofCalls(int good, int bad, const char* expression) {
  const Scenario scenario = scenarioOf({"only"}, good + bad);
  Script calls;
  for (int call = 0; call < good + bad; call++)
    calls = calls + (call < good ? goodCall(call) : failedCall(call, FailureCause::kIceFailed));
  const char* key = std::string(expression).starts_with("rate") ? "success_rate" : "connect_time";
  return verdictOf(withThreshold(scenario, key, expression), wholeRun(calls, 600'000));
}

TEST(ThreeStates, TheWholeIntervalDecidesAndElseNothingDoes) {
  struct Row {
    int good, bad;
    const char* expression;
    Ruling ruling;
  };
  constexpr Ruling kPass = Ruling::kPass, kFail = Ruling::kFail, kOpen = Ruling::kInconclusive;
  const Row rows[] = {
      {73, 0, "rate>=0.95", kPass},  // n / (n + z^2) = 95.0 %
      {72, 0, "rate>=0.95", kOpen}, {10, 0, "rate>=0.9", kOpen}, {8, 2, "rate>=0.8", kOpen},
      {4, 6, "rate>=0.8", kFail},   {5, 5, "rate>=0.8", kFail},  {6, 4, "rate>=0.8", kOpen},
      {1, 9, "rate<0.5", kPass},    {20, 0, "med<200", kPass},   {20, 0, "med<50", kFail},
      {60, 0, "p(95)<200", kOpen},  // of 60, all may be among the fastest 95 %
      {90, 0, "p(95)<200", kPass},  {30, 0, "avg<5000", kPass},  {5, 0, "avg<5000", kOpen},
      {2, 28, "avg<5000", kFail},
  };
  for (const Row& row : rows)
    EXPECT_EQ(ofCalls(row.good, row.bad, row.expression).ruling, row.ruling)
        << row.good << " good, " << row.bad << " bad, " << row.expression;
}

TEST(ThreeStates, WhatIsSaidOfEachCallNeedsNoInterval) {
  for (const char* expression : {"rate>=1", "max<200", "min>=100"})
    EXPECT_EQ(ofCalls(3, 0, expression).ruling, Ruling::kPass) << expression;
  for (const char* expression : {"rate>=1", "rate<=0", "max<200"})
    EXPECT_EQ(ofCalls(2, 1, expression).ruling, Ruling::kFail) << expression;
}

TEST(ThreeStates, AnOpenThresholdSaysWhatIsKnownAndWhatWouldDecide) {
  const Verdict verdict = ofCalls(8, 0, "rate>=0.95");
  EXPECT_TRUE(verdict.isSound());
  EXPECT_THAT(reasonsOf(verdict),
              ElementsAre("success_rate rate>=0.95 is open: 100 %, 95 % interval 67.6-100 %, n = "
                          "8; some 73 calls like these would decide."));
}

TEST(ThreeStates, AFailWinsOverAnOpenThresholdAndIsToldFirst) {
  Scenario scenario = withThreshold(kTwoArms, "success_rate{turn:good}", "rate>=0.95");
  scenario = withThreshold(scenario, "success_rate{turn:bad}", "rate>=1");
  const Verdict verdict = verdictOf(scenario, mixedRun());
  EXPECT_EQ(verdict.ruling, Ruling::kFail);
  EXPECT_THAT(reasonsOf(verdict), ElementsAre(HasSubstr("does not hold"), HasSubstr("is open")));
}

TEST(ThreeStates, TheEstimateDecidesWhereTheScenarioSaysSo) {
  for (const auto& [expression, ruling] :
       {std::pair{"rate>=0.95", Ruling::kPass}, {"rate<0.95", Ruling::kFail}})
    EXPECT_EQ(verdictOf(withThreshold(kTwoArms, "success_rate{turn:good}", expression,
                                      ThresholdRule::kEstimate),
                        mixedRun())
                  .ruling,
              ruling);
}

TEST(ThreeStates, ARunThatMayGrowIsJudgedByItsLastLook) {
  Scenario scenario = scenarioOf({"only"}, 100);
  scenario.max_calls_per_arm = 400;
  scenario = withThreshold(scenario, "success_rate", "rate>=0.9");
  Script calls;
  for (int call = 0; call < 100; call++)
    calls = calls + goodCall(call);
  Script run = wholeRun(calls, 600'000);
  EXPECT_EQ(verdictOf(scenario, run).ruling, Ruling::kInconclusive) << "nobody looked";
  const auto looked = [&](double deviations) {
    return run + Script{ofRun(500'000, SampleJudged{100, deviations, "decided", 100, 0, ""})};
  };
  EXPECT_EQ(verdictOf(scenario, looked(4.33)).ruling, Ruling::kInconclusive);
  EXPECT_THAT(reasonsOf(verdictOf(scenario, looked(4.33))),
              ElementsAre(HasSubstr("95 % interval over all looks 84.2-100 %")));
  EXPECT_EQ(verdictOf(scenario, looked(2)).ruling, Ruling::kPass);
}

TEST(TurnErrors, AreOfTurnServersOnlyAndOfArmsThatHaveSome) {
  Scenario scenario = scenarioOf({"direct", "relay"}, 1);
  scenario.turn[1].ice_servers.emplace_back().urls = {"turn:{coturn}"};
  scenario = withThreshold(scenario, "turn_error_rate{turn:*}", "rate<=0");
  Script run = wholeRun(goodCall(0) + goodCall(1));
  const auto answered = [](const char* url, int code) {
    return Script{ofLink(1020, 1, 0, 1, IceServerOutcome{url, code, "", "", 5})};
  };
  const Verdict good = verdictOf(
      scenario, run + answered("turn:127.0.0.1:1", 0) + answered("stun:127.0.0.1:1", 701));
  ASSERT_EQ(good.judgements.size(), 1u) << "the direct arm asks no TURN server";
  EXPECT_EQ(good.judgements[0].arm, "relay");
  EXPECT_EQ(good.ruling, Ruling::kPass);
  EXPECT_EQ(verdictOf(scenario, run + answered("turns:127.0.0.1:1", 401)).ruling, Ruling::kFail);
}

TEST(Verdict, ADroppedCallIsANote) {
  const Verdict verdict = verdictOf(
      kTwoArms, mixedRun() + Script{ofLink(2500, 0, 0, 1,
                                           LinkFailed{FailureCause::kIceFailed, "media", ""})});
  EXPECT_EQ(verdict.ruling, Ruling::kPass);
  EXPECT_THAT(notesOf(verdict), ElementsAre("1 call was dropped after all had connected."));
}

// Of four calls that connected one did not keep its media.
class CallNotKept : public ::testing::Test {
 protected:
  static Verdict judged(const Scenario& scenario) {
    Summary summary = summarise(scenario, foldOf(mixedRun(), scenario));
    summary.cells[0].fates = {.kept = 3, .degraded = 1};
    return judge(scenario, summary);
  }
  const Scenario every_call_ = withThreshold(kTwoArms, "success_rate{turn:good}", "rate>=1");
};

TEST_F(CallNotKept, IsNotWhatASuccessRateAsksFor) {
  const Verdict verdict = judged(every_call_);
  EXPECT_EQ(verdict.ruling, Ruling::kFail);
  EXPECT_THAT(reasonsOf(verdict),
              ElementsAre(HasSubstr("kept_rate of good rate>=1 does not hold: 75 %")));
}

TEST_F(CallNotKept, IsAllowedAsOftenAsAFailedOne) {
  EXPECT_EQ(judged(withThreshold(kTwoArms, "success_rate{turn:good}", "rate>=0.75",
                                 ThresholdRule::kEstimate))
                .ruling,
            Ruling::kPass);
}

TEST_F(CallNotKept, IsJudgedAsTheScenarioSaysWhereItSaysSo) {
  EXPECT_EQ(judged(withThreshold(every_call_, "kept_rate{turn:good}", "rate>=0.5",
                                 ThresholdRule::kEstimate))
                .ruling,
            Ruling::kPass);
}

TEST_F(CallNotKept, IsNoFaultWhereCallsAreDisturbedOnPurpose) {
  Scenario disturbed = every_call_;
  disturbed.steps.emplace_back().kind = StepKind::kNetworkDrop;
  EXPECT_EQ(judged(disturbed).ruling, Ruling::kPass);
}

TEST(Verdict, ASlowHostIsANote) {
  const Verdict verdict =
      verdictOf(kTwoArms, mixedRun() + Script{ofRun(5000, HostHealth{1, 8, 80, 120, 0, 0, 1, 90})});
  EXPECT_EQ(verdict.ruling, Ruling::kPass);
  EXPECT_THAT(notesOf(verdict), ElementsAre(HasSubstr("bot host 1 was up to 80 ms late")));
}

TEST(Figures, KeepTheDigitsThatMatter) {
  EXPECT_EQ(millisecondsText(0), "0.0 ms");
  EXPECT_EQ(millisecondsText(8.44), "8.4 ms");
  EXPECT_EQ(millisecondsText(9.96), "10 ms");
  EXPECT_EQ(millisecondsText(310.4), "310 ms");
  EXPECT_EQ(millisecondsText(12'345), "12.3 s");
  EXPECT_EQ(millisecondsText(15'000), "15 s");
  EXPECT_EQ(reachedText(std::nullopt), "not reached");
  EXPECT_EQ(intervalText({0.676, 1}), "67.6-100 %");
  EXPECT_EQ(countText(1, "call"), "1 call");
  EXPECT_EQ(countText(0, "call"), "0 calls");
}

TEST(Figures, OnlyAllIsAHundredPercentAndOnlyNoneIsZero) {
  EXPECT_EQ(percentText(1), "100 %");
  EXPECT_EQ(percentText(0.9999), "99.9 %");
  EXPECT_EQ(percentText(0.0001), "0.1 %");
  EXPECT_EQ(percentText(0), "0 %");
  EXPECT_EQ(percentText(0.95), "95 %");
  EXPECT_EQ(percentText(0.625), "62.5 %");
}

}  // namespace
}  // namespace turnout
