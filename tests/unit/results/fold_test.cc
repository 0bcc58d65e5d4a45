#include "orchestrator/results/fold/fold.h"

#include "orchestrator/results/fold/summary.h"
#include "tests/unit/results/call_script.h"

#include <algorithm>
#include <random>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)
using ::testing::ElementsAre;

const Scenario kOneCall = scenarioOf({"only"}, 1);

CallOutcome callOf(const Script& events, const Scenario& scenario = kOneCall) {
  return foldOf(wholeRun(events), scenario).calls.at(0);
}

// A call with everything beside its links: a refresh of bot 1, refusals, faults, a goodbye.
Script eventfulCall(int call) {
  const double t = startOf(call);
  return ringingCall(call) + stepOf(call, 1, 0, StepKind::kRefresh, 1000) + recovery(call, 2300) +
         Script{ofBot(t + 1790, call, 1, SessionResumed{true, 790}),
                ofBot(t + 1795, call, 1, BotJoined{0}),
                ofBot(t + 1100, call, 0, SessionError{"ghost_session", "signal"}),
                ofBot(t + 1200, call, 0, SessionError{"ghost_session", "signal"}),
                ofBot(t + 1300, call, 0, AppFaultSeen{AppFault::kDuplicateCandidates, "first"}),
                ofBot(t + 1400, call, 1, AppFaultSeen{AppFault::kDuplicateCandidates, "second"}),
                ofLink(t + 1400, call, 0, 1, CandidateSeen{"remote", {}, true}),
                ofLink(t + 1000, call, 0, 1, MediaReport{MediaKind::kAudio, 10}),
                inRound(2, ofLink(t + 3000, call, 0, 1, MediaReport{MediaKind::kAudio, 7})),
                ofLink(t + 3000, call, 0, 1, MessageReport{3, 2, "[420,385]"}),
                ofLink(t + 3000, call, 0, 1, PartnerLeft{"hung_up"})} +
         leave(call, 3100);
}

// Everything a report could show of a call, as text, to compare whole folds.
std::string textOf(const CallOutcome& call) {
  std::ostringstream out;
  out << call.call << ' ' << call.arm << ' ' << static_cast<int>(call.state) << ' '
      << (call.cause ? toString(*call.cause) : "-") << ' ' << call.detail << ' '
      << call.connect_time.value_or(-1ns).count() << ' ' << call.first_media.value_or(-1ns).count()
      << ' ' << call.watched.count() << ' ' << call.duplicate_candidates << ' '
      << call.media[0].sent_packets << ' ' << call.messages.sent << ' '
      << call.messages.round_trips_ms.size() << ' ' << call.joins << ' ' << call.rings << ' '
      << call.answered << ' ' << call.matches << ' ' << call.join_times.size() << ' '
      << (call.wait ? call.wait->time.count() : -1);
  for (const auto& [reason, times] : call.partner_left)
    out << ' ' << reason << 'x' << times;
  for (const auto& [error, times] : call.session_errors)
    out << ' ' << error << 'x' << times;
  for (const auto& [fault, seen] : call.app_faults)
    out << ' ' << toString(fault) << 'x' << seen.times << seen.detail;
  for (const StepOutcome& step : call.steps)
    out << ' ' << step.action << static_cast<int>(step.end) << step.outage_ms.value_or(-1)
        << step.resumed.value_or(false);
  for (const auto& path : call.paths)
    out << ' ' << path;
  for (const auto& server : call.servers)
    out << ' ' << server.url << '=' << server.error_code;
  return out.str();
}

std::string textOf(const Outcomes& outcomes) {
  std::string all;
  for (const CallOutcome& call : outcomes.calls)
    all += textOf(call) + "\n";
  return all;
}

TEST(Fold, AGoodCallSucceedsAndItsPhasesSumToTheConnectTime) {
  const CallOutcome call = callOf(goodCall(0));
  EXPECT_EQ(call.state, CallState::kSucceeded);
  EXPECT_EQ(call.connect_time, 100ms);
  EXPECT_EQ(call.signaling_time, 10ms);
  EXPECT_EQ(call.first_media, 130ms);
  ASSERT_TRUE(call.phases);
  EXPECT_EQ(call.phases->signaling, 10ms);
  EXPECT_EQ(call.phases->negotiation, 20ms);
  EXPECT_EQ(call.phases->ice, 30ms);
  EXPECT_EQ(call.phases->dtls, 40ms);
  EXPECT_THAT(call.schedule_lags, ElementsAre(1ms, 2ms));
  EXPECT_THAT(call.paths, ElementsAre("host-host"));
  EXPECT_FALSE(call.cause);
  EXPECT_FALSE(call.dropped);
}

TEST(Fold, APhaseThatEndedBeforeTheOneBeforeItTookNoTime) {
  Script events = goodCall(0);
  for (Event& event : events) {
    const auto* state = std::get_if<StateChanged>(&event.body);
    if (state && event.bot == 1)
      event.at = ms(15);  // ICE up before the answer was noted as set
  }
  const CallOutcome call = callOf(events);
  EXPECT_EQ(call.phases->negotiation, 20ms);
  EXPECT_EQ(call.phases->ice, 0ms);
  EXPECT_EQ(call.phases->dtls, 70ms);
}

TEST(Fold, AMissingStepLendsItsTimeToTheNext) {
  Script events = goodCall(0);
  std::erase_if(events, [](const Event& event) {
    return std::holds_alternative<DescriptionSet>(event.body);
  });
  const CallOutcome call = callOf(events);
  EXPECT_EQ(call.phases->negotiation, 0ms);
  EXPECT_EQ(call.phases->ice, 50ms);
}

TEST(Fold, OneEndConnectedIsNotAConnectedCall) {
  Script events = connectedCall(0);
  events.pop_back();
  const CallOutcome call = callOf(
      events + Script{ofLink(15'000, 0, 1, 0, LinkFailed{FailureCause::kDtls, "dtls", "no DTLS"})} +
      leave(0, 15'010));
  EXPECT_EQ(call.state, CallState::kFailed);
  EXPECT_EQ(call.cause, FailureCause::kDtls);
  EXPECT_EQ(call.detail, "no DTLS");
  EXPECT_FALSE(call.connect_time);
  EXPECT_FALSE(call.phases);
}

TEST(Fold, ConnectedAtTheDeadlineIsInTimeAndLaterIsNot) {
  EXPECT_EQ(callOf(connectedCall(0, CandidateType::kHost, CandidateType::kHost, 150) +
                   mediaOf(0, 150) + leave(0, 30'000))
                .connect_time,
            15'000ms);
  const CallOutcome late =
      callOf(connectedCall(0, CandidateType::kHost, CandidateType::kHost, 151) + mediaOf(0, 151) +
             leave(0, 30'000));
  EXPECT_EQ(late.state, CallState::kFailed);
  EXPECT_EQ(late.cause, FailureCause::kIceTimeout);
  EXPECT_FALSE(late.connect_time);
}

TEST(Fold, ConnectedWithoutEveryKindOfMediaIsAFailureOfItsOwn) {
  const CallOutcome silent = callOf(connectedCall(0) + leave(0));
  EXPECT_EQ(silent.state, CallState::kFailed);
  EXPECT_EQ(silent.cause, FailureCause::kNoMedia);
  EXPECT_EQ(silent.connect_time, 100ms);
  EXPECT_FALSE(silent.first_media);

  Script late = connectedCall(0) + mediaOf(0) + leave(0, 20'000);
  for (Event& event : late) {
    if (std::holds_alternative<MediaStarted>(event.body) && event.bot == 0)
      event.at = ms(10'091);  // its end was connected at 90 ms, and has 10 s
  }
  EXPECT_EQ(callOf(late).cause, FailureCause::kNoMedia);
}

TEST(Fold, MediaThatWasNotToComeIsNotMissing) {
  Script one_way = connectedCall(0) + mediaOf(0) + leave(0);
  std::erase_if(one_way, [](const Event& event) {
    return std::holds_alternative<MediaStarted>(event.body) && event.bot == 0;
  });
  EXPECT_EQ(callOf(one_way).cause, FailureCause::kNoMedia) << "nobody says that none was to come";
  const auto agreed = [](MediaKind kind, bool receives) {
    return Script{ofLink(50, 0, 0, 1, MediaNegotiated{kind, true, receives, true})};
  };
  const Script audio = agreed(MediaKind::kAudio, false);
  EXPECT_EQ(callOf(one_way + audio + agreed(MediaKind::kVideo, false)).state,
            CallState::kSucceeded);
  EXPECT_EQ(callOf(one_way + audio + agreed(MediaKind::kVideo, true)).cause,
            FailureCause::kNoMedia);
}

TEST(Fold, WithoutConfiguredMediaConnectedIsEnough) {
  Scenario silent = kOneCall;
  silent.media = {std::nullopt, std::nullopt};
  const CallOutcome call = callOf(connectedCall(0) + leave(0), silent);
  EXPECT_EQ(call.state, CallState::kSucceeded);
  EXPECT_FALSE(call.first_media);
}

TEST(Fold, MediaThatWasNotedBeforeTheConnectionCountsFromTheConnection) {
  Script events = connectedCall(0) + mediaOf(0) + leave(0);
  for (Event& event : events) {
    if (std::holds_alternative<MediaStarted>(event.body))
      event.at = ms(95);
  }
  EXPECT_EQ(callOf(events).first_media, 100ms);
}

TEST(Fold, EveryFailureCauseIsTheCauseOfItsCall) {
  for (int i = 0; i <= static_cast<int>(FailureCause::kInternal); i++) {
    const auto cause = static_cast<FailureCause>(i);
    const bool abortion = cause == FailureCause::kHostCrashed ||
                          cause == FailureCause::kHostStalled ||
                          cause == FailureCause::kInterrupted;
    const CallOutcome of_link = callOf(failedCall(0, cause, 1500, "why"));
    EXPECT_EQ(of_link.state, abortion ? CallState::kAborted : CallState::kFailed)
        << toString(cause);
    EXPECT_EQ(of_link.cause, cause);
    if (cause != FailureCause::kNoMedia) {  // which of it is missing is said in place of that
      EXPECT_EQ(of_link.detail, "why");
    }
    const CallOutcome of_bot =
        callOf({ofBot(1, 0, 0, BotStarted{kEpochNs}), ofBot(5, 0, 0, BotFailed{cause, "why"})});
    EXPECT_EQ(of_bot.cause, cause);
  }
}

TEST(Fold, TheRootCauseWinsOverItsSymptomsWhicheverCameFirst) {
  struct Row {
    FailureCause root, symptom;
    const char* reason;
  };
  const Row rows[] = {
      {FailureCause::kJoinRejected, FailureCause::kPeerMissing, "who is refused is missed"},
      {FailureCause::kTurnAuth, FailureCause::kIceFailed, "no relay at one end, no pair at both"},
      {FailureCause::kTurnUnreachable, FailureCause::kIceTimeout, "the same, slower"},
      {FailureCause::kIceFailed, FailureCause::kDtls, "ICE comes before DTLS"},
      {FailureCause::kSignalingLost, FailureCause::kIceFailed, "candidates were lost with it"},
      {FailureCause::kNegotiation, FailureCause::kIceTimeout, "no description, no checks"},
      {FailureCause::kInternal, FailureCause::kIceTimeout, "our bug is not the network's"},
  };
  for (const Row& row : rows) {
    const Script one = {ofLink(500, 0, 0, 1, LinkFailed{row.root, "", ""}),
                        ofLink(900, 0, 1, 0, LinkFailed{row.symptom, "", ""})};
    const Script other = {ofLink(900, 0, 0, 1, LinkFailed{row.root, "", ""}),
                          ofLink(500, 0, 1, 0, LinkFailed{row.symptom, "", ""})};
    EXPECT_EQ(callOf(joinedCall(0) + one + leave(0)).cause, row.root) << row.reason;
    EXPECT_EQ(callOf(joinedCall(0) + other + leave(0)).cause, row.root) << row.reason;
  }
}

TEST(Fold, ALinkThatFailsAfterSuccessIsADropNotAFailure) {
  const CallOutcome call =
      callOf(goodCall(0) +
             Script{ofLink(2000, 0, 0, 1, LinkFailed{FailureCause::kIceFailed, "media", ""})});
  EXPECT_EQ(call.state, CallState::kSucceeded);
  EXPECT_TRUE(call.dropped);
}

TEST(Fold, ACrashedHostAbortsOnlyTheCallsItHadAndThatWereNotOver) {
  const Scenario scenario = scenarioOf({"only"}, 5);
  const Script events = Script{ofRun(0, HostStarted{0, 1}),   ofRun(0, HostStarted{1, 2}),
                               ofCall(0, 0, CallAssigned{0}), ofCall(0, 1, CallAssigned{0}),
                               ofCall(0, 2, CallAssigned{1}), ofCall(0, 3, CallAssigned{0})} +
                        goodCall(0) + joinedCall(1) + goodCall(2) +
                        Script{ofRun(1500, HostExited{0, "signal 11", false})};
  const Outcomes outcomes = foldOf(wholeRun(events), scenario);
  EXPECT_EQ(outcomes.calls[0].state, CallState::kSucceeded);
  EXPECT_EQ(outcomes.calls[1].state, CallState::kAborted);
  EXPECT_EQ(outcomes.calls[1].cause, FailureCause::kHostCrashed);
  EXPECT_EQ(outcomes.calls[2].state, CallState::kSucceeded);
  EXPECT_EQ(outcomes.calls[3].state, CallState::kAborted) << "assigned, and never started";
  EXPECT_EQ(outcomes.calls.size(), 4u);
  EXPECT_EQ(outcomes.untold, std::vector{1}) << "never assigned";
  EXPECT_EQ(outcomes.run.hosts.at(0).crash, "signal 11");
  EXPECT_FALSE(outcomes.run.hosts.at(1).crash);
}

TEST(Fold, AFailureBeforeTheCrashStaysAFailure) {
  const CallOutcome call =
      callOf(Script{ofCall(0, 0, CallAssigned{0})} + failedCall(0, FailureCause::kTurnAuth, 500) +
             Script{ofRun(400'000, HostExited{0, "signal 9", false})});
  EXPECT_EQ(call.cause, FailureCause::kTurnAuth);
}

TEST(Fold, AFailureAfterTheInterruptionIsNoFailureOfTheSystem) {
  const CallOutcome call =
      callOf(joinedCall(0) +
             Script{ofBot(500, 0, 0, BotFailed{FailureCause::kInterrupted, "the run was stopped"}),
                    ofLink(600, 0, 1, 0, LinkFailed{FailureCause::kIceFailed, "ice", ""})});
  EXPECT_EQ(call.state, CallState::kAborted);
  EXPECT_EQ(call.cause, FailureCause::kInterrupted);
}

TEST(Fold, ACallThatNeverEndedIsAborted) {
  const Outcomes cut = foldOf(Script{runStarted()} + connectedCall(0), kOneCall);
  EXPECT_EQ(cut.calls[0].state, CallState::kAborted) << "media may have been about to come";
  EXPECT_EQ(cut.calls[0].cause, FailureCause::kInterrupted);
  EXPECT_EQ(cut.calls[0].connect_time, 100ms);

  const CallOutcome lost = callOf(joinedCall(0));
  EXPECT_EQ(lost.state, CallState::kAborted);
  EXPECT_EQ(lost.cause, FailureCause::kInternal) << "the run says that it was complete";
}

TEST(Fold, BotsThatLeaveWithoutAReasonAreOurFaultNotAFailure) {
  const CallOutcome call = callOf(joinedCall(0) + leave(0));
  EXPECT_EQ(call.state, CallState::kAborted);
  EXPECT_EQ(call.cause, FailureCause::kInternal);
}

TEST(Fold, EveryPrefixOfALogIsFoldedWithoutGuessing) {
  const Scenario scenario = scenarioOf({"a", "b"}, 2);
  const Script whole = wholeRun(goodCall(0) + failedCall(1, FailureCause::kIceFailed) +
                                goodCall(2) + failedCall(3, FailureCause::kTurnAuth));
  const Outcomes all = foldOf(whole, scenario);
  for (std::size_t length = 0; length <= whole.size(); length++) {
    const Outcomes cut = foldOf(
        Script(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)), scenario);
    EXPECT_EQ(static_cast<int>(cut.calls.size()) + cut.allUntold(), 4);
    for (const CallOutcome& call : cut.calls)
      EXPECT_TRUE(call.state == all.calls[static_cast<std::size_t>(call.call)].state ||
                  call.state == CallState::kAborted || call.state == CallState::kNotStarted)
          << "call " << call.call << " after " << length << " lines";
  }
}

TEST(Fold, TheOrderOfEventsDoesNotMatter) {
  Scenario scenario = scenarioOf({"a", "b"}, 4);
  scenario.shape.kind = CallMode::kCall;
  Script whole = wholeRun(
      eventfulCall(6) + eventfulCall(7) + goodCall(0) + failedCall(1, FailureCause::kIceFailed) +
      goodCall(2) + failedCall(3, FailureCause::kTurnAuth) +
      Script{ofLink(3400, 3, 0, 1, IceServerOutcome{"turn:a", 401, "Unauthorized", "", 2}),
             ofLink(3300, 3, 0, 1, IceServerOutcome{"turn:b", 701, "no answer", "", 2})} +
      joinedCall(4) + connectedCall(5) + leave(5));
  const std::string expected = textOf(foldOf(whole, scenario));
  std::mt19937 random(20260102);
  for (int round = 0; round < 200; round++) {
    std::shuffle(whole.begin(), whole.end(), random);
    // Servers keep the order in which they were heard, which is not part of any measure.
    Outcomes outcomes = foldOf(whole, scenario);
    auto& servers = outcomes.calls[3].servers;
    std::sort(servers.begin(), servers.end(),
              [](const IceServerOutcome& a, const IceServerOutcome& b) { return a.url < b.url; });
    ASSERT_EQ(textOf(outcomes), expected);
  }
}

TEST(Fold, EventsThatComeTwiceCountOnce) {
  Script doubled;
  for (const Event& event :
       wholeRun(goodCall(0) + Script{ofLink(40, 0, 0, 1, IceServerOutcome{"turn:a", 0, "", "r", 2}),
                                     ofLink(3000, 0, 0, 1, MediaReport{MediaKind::kAudio, 10})}))
    doubled.insert(doubled.end(), {event, event});
  const CallOutcome call = foldOf(doubled, kOneCall).calls[0];
  EXPECT_EQ(call.servers.size(), 1u);
  EXPECT_EQ(call.media[0].sent_packets, 10);
  EXPECT_EQ(call.schedule_lags.size(), 2u);
  EXPECT_EQ(call.connect_time, 100ms);
}

TEST(Fold, AnEventfulCallTwiceIsTheSameCall) {
  Scenario scenario = kOneCall;
  scenario.shape.kind = CallMode::kCall;
  const Script once = wholeRun(eventfulCall(0));
  const CallOutcome call = foldOf(once, scenario).calls.at(0);
  EXPECT_EQ(call.joins, 3);
  EXPECT_EQ(call.session_errors.at("ghost_session"), 2);
  EXPECT_EQ(call.app_faults.at(AppFault::kDuplicateCandidates).times, 2);
  EXPECT_EQ(call.duplicate_candidates, 1);
  EXPECT_EQ(call.media[0].sent_packets, 17) << "of both rounds";
  EXPECT_THAT(call.messages.round_trips_ms, ElementsAre(0.42, 0.385));
  EXPECT_EQ(textOf(foldOf(once + once, scenario).calls.at(0)), textOf(call));
}

TEST(Fold, EventsOfUnknownCallsBotsAndLinksAreCountedAndOtherwiseIgnored) {
  const Outcomes outcomes = foldOf(
      wholeRun(goodCall(0) + Script{ofBot(5, 9, 0, BotJoined{0}), ofBot(5, 0, 2, BotJoined{0}),
                                    ofLink(5, 0, 1, 1, LinkConnected{}),
                                    ofLink(5, 0, 0, 7, LinkConnected{})}),
      kOneCall);
  EXPECT_EQ(outcomes.run.stray_events, 4);
  EXPECT_EQ(outcomes.calls[0].state, CallState::kSucceeded);
}

TEST(Fold, APathIsWhatEachEndSaysOfItself) {
  const CallOutcome plain = callOf(goodCall(0, CandidateType::kRelay, CandidateType::kHost));
  EXPECT_THAT(plain.paths, ElementsAre("relay-host")) << "the offerer, bot 1, comes first";
  EXPECT_THAT(plain.relay_protocols, ElementsAre("udp"));

  Script events = goodCall(0, CandidateType::kRelay, CandidateType::kRelay);
  for (Event& event : events) {
    if (auto* pair = std::get_if<PairSelected>(&event.body))
      pair->remote.type = CandidateType::kPeerReflexive;
  }
  EXPECT_THAT(callOf(events).paths, ElementsAre("relay-relay"));
}

TEST(Fold, TheLastSelectedPairIsThePath) {
  const IceCandidateInfo relay{CandidateType::kRelay, "udp", "a", "tls", "turns:t"};
  const Script events = goodCall(0) + Script{ofLink(70, 0, 0, 1, PairSelected{relay, relay}),
                                             ofLink(70, 0, 1, 0, PairSelected{relay, relay})};
  EXPECT_THAT(callOf(events).paths, ElementsAre("relay-relay"));
  EXPECT_THAT(callOf(events).relay_protocols, ElementsAre("tls", "tls"));
}

TEST(Fold, ACallOfThreeBotsNeedsAllSixLinkEnds) {
  Scenario three = kOneCall;
  three.shape.bots = 3;
  three.media = {std::nullopt, std::nullopt};
  Script events;
  for (int bot = 0; bot < 3; bot++)
    events = events + Script{ofBot(1, 0, bot, BotStarted{kEpochNs}),
                             ofBot(10 * bot + 10, 0, bot, BotJoined{bot})};
  double at = 100;
  for (const auto& [bot, peer] : {std::pair{0, 1}, {1, 0}, {1, 2}, {2, 1}, {0, 2}, {2, 0}})
    events.push_back(ofLink(at += 10, 0, bot, peer, LinkConnected{}));
  const CallOutcome call = callOf(events, three);
  EXPECT_EQ(call.connect_time, 160ms);
  EXPECT_EQ(call.phases->signaling, 30ms);

  events.pop_back();
  EXPECT_EQ(callOf(events, three).state, CallState::kAborted);
}

TEST(Fold, WithoutRunStartedTheBotsScheduleIsUsed) {
  const Outcomes outcomes = foldOf(goodCall(0) + Script{runFinished()}, kOneCall);
  EXPECT_EQ(outcomes.calls[0].connect_time, 100ms);
}

TEST(Fold, CountsAreKnownAtAnyTime) {
  Fold fold(scenarioOf({"only"}, 4), planOf(scenarioOf({"only"}, 4)));
  for (const Event& event :
       Script{runStarted()} + goodCall(0) + connectedCall(1) + failedCall(2, FailureCause::kDtls))
    fold.add(event);
  const CallCounts counts = fold.counts();
  EXPECT_EQ(counts.planned, 4);
  EXPECT_EQ(counts.started, 3);
  EXPECT_EQ(counts.connected, 2);
  EXPECT_EQ(counts.succeeded, 1);
  EXPECT_EQ(counts.failed, 1);
  EXPECT_EQ(counts.running, 1);
  EXPECT_EQ(counts.aborted, 0);
}

TEST(Fold, HealthKeepsTheWorstSecond) {
  const Outcomes outcomes = foldOf(wholeRun({ofRun(1, HostHealth{0, 10, 2, 9, 1, 3, 0.5, 80}),
                                             ofRun(2, HostHealth{0, 20, 4, 5, 0, 1, 0.25, 90})}),
                                   kOneCall);
  const HostFacts& host = outcomes.run.hosts.at(0);
  EXPECT_EQ(host.bots_max, 20);
  EXPECT_EQ(host.loop_lag_p99_ms, 4);
  EXPECT_EQ(host.loop_lag_max_ms, 9);
  EXPECT_EQ(host.pacer_late_max_ms, 3);
  EXPECT_EQ(host.cpu_cores_max, 0.5);
  EXPECT_EQ(host.rss_mb_max, 90);
}

TEST(Fold, RequestsToAServerAddUpOverHosts) {
  const Outcomes outcomes =
      foldOf(wholeRun({ofRun(1, ServerRequests{0, "{coturn}", 7, 10, 0, 0}),
                       ofRun(2, ServerRequests{1, "{coturn}", 7, 20, 1, 12.5}),
                       ofRun(3, ServerRequests{0, "{coturn}", 8, 25, 2, 5})}),
             kOneCall);
  const ServerLoad& load = outcomes.run.server_loads.at("{coturn}");
  EXPECT_EQ(load.requests, 55);
  EXPECT_EQ(load.mostInASecond(), 30);
  EXPECT_EQ(load.waited, 3);
  EXPECT_EQ(load.longest_wait_ms, 12.5);
}

TEST(Fold, FiveThousandCallsAreNoTrouble) {
  const Scenario scenario = scenarioOf({"a", "b"}, 2500);
  Script events;
  for (int call = 0; call < 5000; call++) {
    const Script one = call % 10 == 9 ? failedCall(call, FailureCause::kIceFailed) : goodCall(call);
    events.insert(events.end(), one.begin(), one.end());
  }
  std::shuffle(events.begin(), events.end(), std::mt19937(1));
  const Outcomes outcomes =
      foldOf(Script{runStarted()} + events + Script{runFinished(6e6)}, scenario);
  EXPECT_EQ(std::count_if(outcomes.calls.begin(), outcomes.calls.end(),
                          [](const CallOutcome& c) { return c.state == CallState::kSucceeded; }),
            4500);
}

TEST(Fold, APlanOfAMillionCallsCostsLittleBeforeTheyBegin) {
  const Scenario scenario = scenarioOf({"a", "b"}, 500'000);
  const Outcomes outcomes = foldOf(wholeRun(goodCall(7)), scenario);
  ASSERT_EQ(outcomes.calls.size(), 1u);
  EXPECT_EQ(outcomes.calls[0].call, 7);
  EXPECT_EQ(outcomes.allUntold(), 999'999);
  const Summary summary = summarise(scenario, outcomes);
  EXPECT_EQ(summary.total.planned, 1'000'000);
  EXPECT_EQ(summary.total.not_started, 999'999);
  EXPECT_EQ(summary.cells[0].planned, 500'000);
}

// --- runs that grow ---

TEST(Fold, CallsBeyondTheFirstArePlannedOnceALookSaysSoAndStartLater) {
  Scenario scenario = scenarioOf({"a"}, 2);
  scenario.max_calls_per_arm = 4;
  Scenario largest = scenarioOf({"a"}, 4);
  Fold fold(scenario, planOf(largest));
  const auto add = [&](const Script& script) {
    for (const Event& event : script)
      fold.add(event);
  };
  add(Script{runStarted()} + goodCall(0) + goodCall(1));
  EXPECT_EQ(fold.counts().planned, 2);
  add(goodCall(2));
  EXPECT_EQ(fold.finish().run.stray_events, static_cast<int>(goodCall(2).size()))
      << "nobody asked for it";
  add({ofRun(5000, SampleJudged{2, 4.5, "extended", 3, 5'000'000'000, "open"})});
  EXPECT_EQ(fold.counts().planned, 3);
  Script later = goodCall(2);
  for (Event& event : later) {
    event.at += 5s;
    if (auto* started = std::get_if<BotStarted>(&event.body))
      started->scheduled_ns += 5'000'000'000;
  }
  add(later);
  const Outcomes outcomes = fold.finish();
  ASSERT_EQ(outcomes.calls.size(), 3u);
  EXPECT_EQ(outcomes.calls[2].connect_time, outcomes.calls[0].connect_time);
  ASSERT_EQ(outcomes.run.looks.size(), 1u);
}

TEST(Fold, SoFarTellsRunningCallsAndFinishDoesNot) {
  const Scenario scenario = scenarioOf({"a"}, 2);
  Fold fold(scenario, planOf(scenario));
  for (const Event& event : Script{runStarted()} + joinedCall(0))
    fold.add(event);
  EXPECT_EQ(fold.soFar().calls[0].state, CallState::kRunning);
  EXPECT_EQ(summarise(scenario, fold.soFar()).total.running, 1);
  EXPECT_EQ(fold.finish().calls[0].state, CallState::kAborted);
}

}  // namespace
}  // namespace turnout
