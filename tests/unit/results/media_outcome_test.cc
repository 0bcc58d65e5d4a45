#include "orchestrator/results/fold/media_outcome.h"

#include "orchestrator/results/judge/judgement_words.h"
#include "orchestrator/results/judge/verdict.h"
#include "scenarios/load.h"
#include "tests/unit/results/call_script.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr double kEndsAt = 12'000;  // both ends leave
constexpr std::int64_t kPackets = 590;

std::int64_t nsAt(double after_epoch) {
  return toNs(ms(after_epoch));
}

// One end sends a packet each 20 ms from 100 ms on and gets the first `received` of the other's.
MediaReport reportOf(MediaKind kind, std::int64_t received, std::int64_t missing = 0) {
  MediaReport report;
  report.kind = kind;
  report.sent_packets = kPackets;
  report.sent_first_ns = nsAt(100);
  report.sent_last_ns = nsAt(100 + 20 * (kPackets - 1));
  report.sent_first_sequence = 7;
  report.received_packets = received - missing;
  report.lost_packets = missing;
  if (received > 0) {
    report.received_first_ns = nsAt(101);
    report.received_last_ns = nsAt(101 + 20 * static_cast<double>(received - 1));
    report.received_first_sequence = 7;
    report.longest_gap_ms = 25;
  }
  report.jitter_ms = kind == MediaKind::kAudio ? 1 : 2;
  report.bitrate_bps = kind == MediaKind::kAudio ? 40'000 : 800'000;
  return report;
}

// What bot 0 got of audio and video, bot 1 of audio and video.
struct Got {
  MediaReport audio_at_0 = reportOf(MediaKind::kAudio, kPackets);
  MediaReport video_at_0 = reportOf(MediaKind::kVideo, kPackets);
  MediaReport audio_at_1 = reportOf(MediaKind::kAudio, kPackets);
  MediaReport video_at_1 = reportOf(MediaKind::kVideo, kPackets);
};
Script callThatGot(const Got& got) {
  return connectedCall(0) + mediaOf(0) +
         Script{ofLink(kEndsAt, 0, 0, 1, got.audio_at_0), ofLink(kEndsAt, 0, 0, 1, got.video_at_0),
                ofLink(kEndsAt, 0, 1, 0, got.audio_at_1),
                ofLink(kEndsAt, 0, 1, 0, got.video_at_1)} +
         leave(0, kEndsAt);
}
const Scenario kMediaCall = scenarioOf({"only"}, 1);
CallOutcome outcomeOf(const Script& call) {
  return foldOf(wholeRun(call), kMediaCall).calls.at(0);
}

TEST(MediaOutcome, ACallWithAllItsMediaUntilTheEndIsKept) {
  const CallOutcome call = outcomeOf(callThatGot({}));
  EXPECT_EQ(call.fate, MediaFate::kKept);
  ASSERT_EQ(call.flows.size(), 4u) << "each kind in each direction";
  for (const MediaFlow& flow : call.flows)
    EXPECT_EQ(flow.loss(), 0) << wayText(flow.key);
}

TEST(MediaOutcome, MediaThatDiesIsSeenWithItsTrailingLoss) {
  Got got;  // the case: all of it is dropped after 0.7 s
  got.video_at_1 = reportOf(MediaKind::kVideo, 35);
  got.video_at_1.longest_gap_ms = 11'200;
  const CallOutcome call = outcomeOf(callThatGot(got));
  EXPECT_EQ(call.state, CallState::kSucceeded) << "it had connected";
  EXPECT_EQ(call.fate, MediaFate::kDropped);
  ASSERT_TRUE(call.trouble);
  EXPECT_EQ(call.trouble->sign, MediaTrouble::Sign::kSilent);
  EXPECT_EQ(wayText(call.trouble->flow), "video from bot 0 to bot 1");
  EXPECT_NEAR(call.trouble->figure, 11'100, 20);
  for (const MediaFlow& flow : call.flows)
    EXPECT_NEAR(*flow.loss(), flow.key == call.trouble->flow ? 555.0 / kPackets : 0, 1e-6);
}

TEST(MediaOutcome, MediaThatDiesInTheLastSecondIsALossAndNotASilence) {
  Got got;
  got.audio_at_0 = reportOf(MediaKind::kAudio, kPackets - 50);
  const CallOutcome call = outcomeOf(callThatGot(got));
  EXPECT_EQ(call.fate, MediaFate::kDegraded);
  EXPECT_EQ(call.trouble->sign, MediaTrouble::Sign::kLoss);
  EXPECT_NEAR(call.trouble->figure, 50.0 / kPackets, 1e-3);
}

TEST(MediaOutcome, OneWayLossIsOfThatWayAlone) {
  Got got;
  got.audio_at_1 = reportOf(MediaKind::kAudio, kPackets, 59);
  const CallOutcome call = outcomeOf(callThatGot(got));
  EXPECT_EQ(call.fate, MediaFate::kDegraded);
  EXPECT_EQ(wayText(call.trouble->flow), "audio from bot 0 to bot 1");
  EXPECT_NEAR(call.trouble->figure, 0.1, 1e-6);
  got.audio_at_1 = reportOf(MediaKind::kAudio, kPackets, 6);
  EXPECT_EQ(outcomeOf(callThatGot(got)).fate, MediaFate::kKept) << "1 % is healthy";
}

TEST(MediaOutcome, SilenceBeginsWithTheLastPacketWhateverConnectionsWereMadeSince) {
  constexpr std::int64_t kUntilThreeSeconds = 145;
  Script call = connectedCall(0) + mediaOf(0);
  for (const MediaKind kind : {MediaKind::kAudio, MediaKind::kVideo}) {
    for (int bot = 0; bot < 2; bot++) {
      call.push_back(ofLink(6000, 0, bot, 1 - bot, reportOf(kind, kUntilThreeSeconds)));
      for (Event event : {ofLink(6100, 0, bot, 1 - bot, LinkConnected{}),
                          ofLink(kEndsAt, 0, bot, 1 - bot, reportOf(kind, 0))}) {
        event.round = 2;
        call.push_back(event);
      }
    }
  }
  const CallOutcome outcome = outcomeOf(call + leave(0, kEndsAt));
  ASSERT_TRUE(outcome.trouble);
  EXPECT_EQ(outcome.trouble->sign, MediaTrouble::Sign::kSilent);
  EXPECT_NEAR(outcome.trouble->figure, 8899, 1) << "not since the second connection";
}

TEST(MediaOutcome, APauseInTheMiddleDegrades) {
  Got got;
  got.video_at_0.longest_gap_ms = 1500;
  const CallOutcome call = outcomeOf(callThatGot(got));
  EXPECT_EQ(call.fate, MediaFate::kDegraded);
  EXPECT_EQ(call.trouble->sign, MediaTrouble::Sign::kGap);
}

TEST(MediaOutcome, WhatWasNotNegotiatedIsNotMissing) {
  Script call = connectedCall(0);
  for (int bot = 0; bot < 2; bot++) {
    call.push_back(ofLink(95, 0, bot, 1 - bot, MediaNegotiated{MediaKind::kVideo, false, false}));
    call.push_back(ofLink(95, 0, bot, 1 - bot, MediaNegotiated{MediaKind::kAudio, true, true}));
    call.push_back(ofLink(110, 0, bot, 1 - bot, MediaStarted{MediaKind::kAudio}));
    call.push_back(ofLink(kEndsAt, 0, bot, 1 - bot, reportOf(MediaKind::kAudio, kPackets)));
  }
  const CallOutcome outcome = outcomeOf(call + leave(0, kEndsAt));
  EXPECT_EQ(outcome.state, CallState::kSucceeded);
  EXPECT_EQ(outcome.flows.size(), 2u);
  EXPECT_EQ(outcome.fate, MediaFate::kKept);
}

TEST(MediaOutcome, NoMediaNamesKindAndDirection) {
  Script call = connectedCall(0) +
                Script{ofLink(110, 0, 0, 1, MediaStarted{MediaKind::kAudio}),
                       ofLink(110, 0, 1, 0, MediaStarted{MediaKind::kAudio}),
                       ofLink(120, 0, 1, 0, MediaStarted{MediaKind::kVideo}),
                       ofLink(9000, 0, 0, 1, LinkFailed{FailureCause::kNoMedia, "media", "?"})} +
                leave(0, 9100);
  const CallOutcome outcome = outcomeOf(call);
  EXPECT_EQ(outcome.cause, FailureCause::kNoMedia);
  EXPECT_EQ(outcome.detail, "no video from bot 1 to bot 0");
  EXPECT_EQ(outcome.fate, std::nullopt);
}

TEST(MediaOutcome, WhereStepsTakeMediaAwayOnlyTheEndCounts) {
  Got got;
  got.audio_at_0 = reportOf(MediaKind::kAudio, kPackets, 200);
  got.audio_at_0.longest_gap_ms = 4000;
  const Script step = stepOf(0, 1, 0, StepKind::kNetworkDrop, 1000) + recovery(0, 6000, 5000);
  const CallOutcome call = outcomeOf(callThatGot(got) + step);
  EXPECT_EQ(call.fate, MediaFate::kKept);
}

TEST(MediaOutcome, AGuestWhoLeavesFirstTakesHisMediaWithHim) {
  Scenario with_guest = kMediaCall;
  with_guest.shape.bots = 1;
  with_guest.shape.guests = 1;
  const auto outcome = [&](const Script& more) {
    Script call = {ofBot(1, 0, 0, BotStarted{kEpochNs}),
                   ofBot(10, 0, 0, BotJoined{1}),
                   ofLink(20, 0, 0, 1, DescriptionSet{"local", "offer"}),
                   ofLink(30, 0, 0, 1, DescriptionSet{"remote", "answer"}),
                   ofLink(60, 0, 0, 1, StateChanged{"ice", "connected"}),
                   ofLink(100, 0, 0, 1, LinkConnected{}),
                   ofLink(110, 0, 0, 1, MediaStarted{MediaKind::kAudio}),
                   ofLink(110, 0, 0, 1, MediaStarted{MediaKind::kVideo}),
                   ofLink(kEndsAt, 0, 0, 1, reportOf(MediaKind::kAudio, 300)),
                   ofLink(kEndsAt, 0, 0, 1, reportOf(MediaKind::kVideo, 300)),
                   ofBot(kEndsAt, 0, 0, BotLeft{true})};
    return foldOf(wholeRun(call + more), with_guest).calls.at(0);
  };
  EXPECT_EQ(outcome({}).fate, MediaFate::kDropped) << "silent for 6 s, and still there";
  EXPECT_EQ(outcome({ofLink(6100, 0, 0, 1, PartnerLeft{"hung_up"})}).fate, MediaFate::kKept);
}

TEST(MediaOutcome, ThresholdsCanAskForOneKindAndDirection) {
  Got got;
  got.video_at_1 = reportOf(MediaKind::kVideo, kPackets, 118);
  const Outcomes outcomes = foldOf(wholeRun(callThatGot(got)), kMediaCall);
  const Summary summary = summarise(kMediaCall, outcomes);
  const auto observed = [&](const char* key, const char* expression) {
    const auto threshold = parseThreshold(key, expression);
    EXPECT_TRUE(threshold) << key;
    return observedIn(summary.total, *threshold).value_or(-1);
  };
  EXPECT_NEAR(observed("loss{kind:video,direction:0-1}", "max<0.05"), 0.2, 1e-6);
  EXPECT_EQ(observed("loss{kind:video,direction:1-0}", "max<0.05"), 0);
  EXPECT_NEAR(observed("loss", "avg<0.05"), 0.05, 1e-6);
  EXPECT_EQ(observed("jitter{turn:*,kind:audio}", "max<30"), 1);
  EXPECT_EQ(observed("bitrate{kind:video}", "min>500"), 800);
  EXPECT_EQ(observed("kept_rate", "rate>=0.9"), 0);
  EXPECT_EQ(observed("gap", "max<1000"), 25);
}

TEST(MediaOutcome, SelectorsAreChecked) {
  for (const char* key : {"connect_time{kind:video}", "loss{kind:smell}", "loss{direction:0}",
                          "loss{direction:0-0}", "loss{}", "loss{turn:a", "loss{turn:}"})
    EXPECT_FALSE(parseThresholdKey(key)) << key;
  EXPECT_FALSE(parseThreshold("loss", "rate<0.05")) << "shares are values of calls";
  EXPECT_FALSE(parseThreshold("loss", "avg<5")) << "not in percent";
}

struct Stalls : testing::Test {
  Scenario scenario = scenarioOf({"a"}, 12);
  Script calls;

  void SetUp() override {
    for (int call = 0; call < 12; call++)
      calls = calls + Script{ofCall(startOf(call) - 500, call, CallAssigned{0})} +
              (call == 3 ? failedCall(call, FailureCause::kIceFailed) : goodCall(call));
  }
  Outcomes outcomesWith(double at, const char* thread, double length_ms,
                        const char* process = "host-0") const {
    return foldOf(wholeRun(calls + Script{ofRun(at, Stalled{process, thread, length_ms})}),
                  scenario);
  }
};

TEST_F(Stalls, ACallThatWasConnectingMeanwhileIsNeitherSuccessNorFailure) {
  const Outcomes outcomes = outcomesWith(startOf(3) + 20, "loop", 600);
  EXPECT_EQ(outcomes.calls[3].state, CallState::kAborted);
  EXPECT_EQ(outcomes.calls[3].cause, FailureCause::kHostStalled);
  EXPECT_THAT(outcomes.calls[3].detail, HasSubstr("host-0 stood still for 600 ms"));
  for (const int call : {2, 4, 11})
    EXPECT_EQ(outcomes.calls[static_cast<std::size_t>(call)].state, CallState::kSucceeded)
        << "not near it";
}

TEST_F(Stalls, OneElsewhereLeavesAFailureWhatItWas) {
  const Outcomes outcomes = outcomesWith(startOf(9) + 700, "loop", 250);
  EXPECT_EQ(outcomes.calls[3].state, CallState::kFailed);
  EXPECT_EQ(outcomes.calls[3].cause, FailureCause::kIceFailed);
  EXPECT_EQ(outcomes.calls[9].state, CallState::kSucceeded) << "it was up already";
}

TEST_F(Stalls, OnlyOfWhatCarriesTheCall) {
  EXPECT_EQ(outcomesWith(startOf(2) + 20, "loop", 600, "host-1").calls[2].state,
            CallState::kSucceeded);
  EXPECT_EQ(outcomesWith(startOf(2) + 20, "pacer0", 600).calls[2].state, CallState::kSucceeded);
  EXPECT_EQ(outcomesWith(startOf(2) + 20, "loop", 600, "signaling").calls[2].state,
            CallState::kAborted);
  EXPECT_EQ(outcomesWith(startOf(2) + 20, "loop", 60).calls[2].state, CallState::kSucceeded)
      << "short enough to be borne";
}

TEST_F(Stalls, InAWaitForSomebodyCountNearItsEndOnly) {
  const auto causeWith = [&](double at, double length_ms) {
    const double start = startOf(0);
    const Script call{
        ofCall(start - 500, 0, CallAssigned{0}),
        ofBot(start + 1, 0, 0, BotStarted{toNs(ms(start))}),
        ofBot(start + 20, 0, 0, BotJoined{0}),
        ofBot(start + 60'000, 0, 0, BotFailed{FailureCause::kPeerMissing, "1 did not come"}),
        ofBot(start + 60'010, 0, 0, BotLeft{true}),
        ofRun(start + at, Stalled{"host-0", "loop", length_ms})};
    Scenario alone = scenarioOf({"a"}, 1);
    alone.shape.bots = 1;
    alone.shape.guests = 1;
    return foldOf(wholeRun(call), alone).calls[0].cause;
  };
  EXPECT_EQ(causeWith(30'000, 207), FailureCause::kPeerMissing);
  EXPECT_EQ(causeWith(59'700, 207), FailureCause::kHostStalled);
  EXPECT_EQ(causeWith(30'000, 29'000), FailureCause::kHostStalled);
}

TEST_F(Stalls, DoNotDoubtWhatAServerHasRefused) {
  calls = {};
  for (int call = 0; call < 12; call++)
    calls = calls + Script{ofCall(startOf(call) - 500, call, CallAssigned{0})} +
            (call == 3 ? failedCall(call, FailureCause::kTurnAuth) : goodCall(call));
  EXPECT_EQ(outcomesWith(startOf(3) + 20, "loop", 600).calls[3].cause, FailureCause::kTurnAuth);
}

TEST_F(Stalls, ThatAreAMomentOfALongTryDoNotExplainIt) {
  const auto causeWith = [&](double length_ms) {
    const Script call = Script{ofCall(startOf(0) - 500, 0, CallAssigned{0})} +
                        failedCall(0, FailureCause::kNegotiation, 15'000) +
                        Script{ofRun(startOf(0) + 2'000, Stalled{"host-0", "loop", length_ms})};
    return foldOf(wholeRun(call), scenarioOf({"a"}, 1)).calls[0].cause;
  };
  EXPECT_EQ(causeWith(105), FailureCause::kNegotiation);
  EXPECT_EQ(causeWith(800), FailureCause::kHostStalled);
}

TEST_F(Stalls, DoNotDoubtThatEveryTurnServerHasRefused) {
  const auto causeWith = [&](ServerFault fault) {
    const double start = startOf(0);
    IceServerOutcome server;
    server.url = "turn:a:3478";
    server.stage = ServerStage::kAllocate;
    server.fault = fault;
    server.error_code = fault == ServerFault::kErrorResponse ? 508 : kNoStunAnswer;
    const Script call = Script{ofCall(start - 500, 0, CallAssigned{0})} +
                        Script{ofLink(start + 40, 0, 0, 1, server)} +
                        failedCall(0, FailureCause::kTurnUnreachable) +
                        Script{ofRun(start + 20, Stalled{"host-0", "loop", 600})};
    return foldOf(wholeRun(call), scenarioOf({"a"}, 1)).calls[0].cause;
  };
  EXPECT_EQ(causeWith(ServerFault::kErrorResponse), FailureCause::kTurnUnreachable);
  EXPECT_EQ(causeWith(ServerFault::kTimeout), FailureCause::kHostStalled);
}

TEST_F(Stalls, OfTheRunsOwnTurnServerCountForCallsThatNeededIt) {
  scenario.turn[0].ice_servers.emplace_back().urls = {"turn:{coturn}"};
  const Outcomes outcomes = outcomesWith(startOf(2) + 20, "process", 5'000, "coturn");
  EXPECT_EQ(outcomes.calls[3].cause, FailureCause::kHostStalled) << "it failed";
  EXPECT_EQ(outcomes.calls[2].state, CallState::kSucceeded) << "without a relay";
  EXPECT_EQ(outcomesWith(startOf(3) + 20, "process", 900, "coturn-2").calls[3].cause,
            FailureCause::kIceFailed);
}

TEST_F(Stalls, FewAreANoteAndManyMakeTheRunInconclusive) {
  const auto verdictOf = [&](const Outcomes& outcomes) {
    return judge(scenario, summarise(scenario, outcomes));
  };
  const Verdict one = verdictOf(outcomesWith(startOf(2) + 20, "loop", 600));
  EXPECT_TRUE(one.isSound());
  EXPECT_THAT(notesOf(one), ElementsAre(HasSubstr("1 call is left out, because turnout itself")));
  Script frozen = calls;
  for (const int call : {1, 5, 6})
    frozen.push_back(ofRun(startOf(call) + 20, Stalled{"host-0", "loop", 600}));
  const Verdict many = verdictOf(foldOf(wholeRun(frozen), scenario));
  EXPECT_EQ(many.ruling, Ruling::kInconclusive);
  EXPECT_THAT(reasonsOf(many),
              ElementsAre(HasSubstr("turnout itself was in the way of 3 of 12 calls of a")));
}

TEST_F(Stalls, ALateSecondElsewhereBlamesNoHost) {
  const auto diagnosisOf3 = [&](double at) {
    return foldOf(
               wholeRun(calls + Script{ofRun(at, HostHealth{.host = 0, .loop_lag_p99_ms = 900})}),
               scenario)
        .calls[3]
        .diagnosis->cause;
  };
  EXPECT_NE(diagnosisOf3(startOf(11)), PrimaryCause::kHostOverloaded);
  EXPECT_EQ(diagnosisOf3(startOf(3) + 1000), PrimaryCause::kHostOverloaded);
}

// A gap of 600 ms while a thread of ours stood still for most of it says nothing of the network.
TEST(MediaFigures, LeaveOutWhatTurnoutsOwnStandingStillMade) {
  Got got;
  for (MediaReport* report : {&got.audio_at_0, &got.video_at_0, &got.audio_at_1, &got.video_at_1})
    report->longest_gap_ms = 600;
  const auto gapsOf = [&](double stood_still_ms) {
    const Script stall{ofCall(0, 0, CallAssigned{0}),
                       ofRun(5000, Stalled{"host-0", "loop", stood_still_ms})};
    const Summary summary =
        summarise(kMediaCall, foldOf(wholeRun(callThatGot(got) + stall), kMediaCall));
    EXPECT_EQ(summary.cells[0].fates.kept, 1);
    return summary.cells[0].flows.begin()->second.gap_ms.size();
  };
  EXPECT_EQ(gapsOf(60), 1u);
  EXPECT_EQ(gapsOf(550), 0u);
}

TEST(Verdicts, ARunInWhichNothingConnectedNeverPasses) {
  Scenario scenario = scenarioOf({"a", "b"}, 1);
  const Script failed = wholeRun(failedCall(0, FailureCause::kSignalingUnreachable) +
                                 failedCall(1, FailureCause::kSignalingUnreachable));
  const Verdict verdict = judge(scenario, summarise(scenario, foldOf(failed, scenario)));
  EXPECT_EQ(verdict.ruling, Ruling::kFail);
  EXPECT_THAT(reasonsOf(verdict), ElementsAre("Not one call connected."));
  for (TurnArm& arm : scenario.turn)
    arm.is_to_fail = true;
  EXPECT_EQ(judge(scenario, summarise(scenario, foldOf(failed, scenario))).ruling, Ruling::kPass)
      << "all were meant to fail";
}

TEST(Verdicts, ARunThatKeptNoCallNeverPasses) {
  Scenario scenario = scenarioOf({"a"}, 1);
  Summary summary = summarise(scenario, foldOf(wholeRun(goodCall(0)), scenario));
  summary.cells[0].fates = {.kept = 0, .degraded = 0, .dropped = 1};
  const Verdict verdict = judge(scenario, summary);
  EXPECT_EQ(verdict.ruling, Ruling::kFail);
  EXPECT_THAT(reasonsOf(verdict), ElementsAre(HasSubstr("Not one call was kept")));
  scenario.steps.emplace_back().kind = StepKind::kNetworkDrop;
  EXPECT_EQ(judge(scenario, summary).ruling, Ruling::kPass) << "it was to be disturbed";
}

TEST(Verdicts, ArmsThatAreMeantToFailAreJudgedByThat) {
  Scenario scenario = scenarioOf({"good", "wrong"}, 2);
  scenario.turn[1].is_to_fail = true;
  scenario.thresholds.push_back(*parseThreshold("success_rate{turn:*}", "rate>=1"));
  scenario.thresholds.push_back(*parseThreshold("success_rate{turn:wrong}", "rate<=0"));
  const auto ruling = [&](const Script& calls) {
    return judge(scenario, summarise(scenario, foldOf(wholeRun(calls), scenario))).ruling;
  };
  const Script good = goodCall(0) + goodCall(2);
  EXPECT_EQ(ruling(good + failedCall(1, FailureCause::kTurnAuth) +
                   failedCall(3, FailureCause::kTurnAuth)),
            Ruling::kPass);
  EXPECT_EQ(ruling(good + goodCall(1) + failedCall(3, FailureCause::kTurnAuth)), Ruling::kFail);
  scenario.thresholds = {*parseThreshold("success_rate", "rate>=1")};
  scenario.thresholds[0].rule = ThresholdRule::kEstimate;
  EXPECT_EQ(ruling(good + failedCall(1, FailureCause::kTurnAuth) +
                   failedCall(3, FailureCause::kTurnAuth)),
            Ruling::kPass)
      << "nor are they pooled with the others";
}

TEST(Undecidable, AreNamedWithTheCallsTheyTake) {
  Scenario scenario = scenarioOf({"a", "b"}, 20);
  for (const auto& [key, expression] : {std::pair{"connect_time{turn:*}", "p(95)<5000"},
                                        {"connect_time", "p(50)<5000"},
                                        {"success_rate", "rate>=0.98"},
                                        {"success_rate{turn:a}", "rate>=1"},
                                        {"session_error_rate", "rate<0.1"},
                                        {"connect_time{turn:b}", "max<3000"}})
    scenario.thresholds.push_back(*parseThreshold(key, expression));
  std::vector<std::string> sentences;
  for (const Undecidable& threshold : undecidableIn(scenario))
    sentences.push_back(sentenceOf(threshold));
  EXPECT_THAT(sentences,
              ElementsAre("connect_time{turn:*} p(95)<5000 stays open even if all goes well: 20 "
                          "calls an arm, and it takes 73.",
                          "success_rate rate>=0.98 stays open even if all goes well: 40 calls in "
                          "all, and it takes 189."));
}

TEST(Undecidable, NoneOfTheShippedScenarios) {
  for (const auto& entry : std::filesystem::directory_iterator("scenarios")) {
    if (entry.path().extension() != ".json")
      continue;
    const auto loaded = loadScenario(entry.path().string());
    ASSERT_TRUE(std::holds_alternative<LoadedScenario>(loaded)) << entry.path();
    EXPECT_THAT(undecidableIn(std::get<LoadedScenario>(loaded).scenario), IsEmpty())
        << entry.path();
  }
}

}  // namespace
}  // namespace turnout
