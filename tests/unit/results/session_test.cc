// Waiting, guests, partners, rounds, messages: what a call is beside two bots that connect once.
#include "tests/unit/results/call_script.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)
using ::testing::ElementsAre;
using ::testing::IsEmpty;

Scenario oneCallOf(CallMode kind, int bots = 2, int guests = 0) {
  Scenario scenario = scenarioOf({"only"}, 1);
  scenario.shape.kind = kind;
  scenario.shape.bots = bots;
  scenario.shape.guests = guests;
  return scenario;
}
const Scenario kRinging = oneCallOf(CallMode::kCall);
const Scenario kSeeker = oneCallOf(CallMode::kMatch, 1);

CallOutcome sessionCall(const Script& events, const Scenario& scenario) {
  return foldOf(wholeRun(events), scenario).calls.at(0);
}

// Bot 0 alone: joins at 10, is matched at 2010 after `waited`, connected at 2100, media at 2130 ms.
Script seekerCall(double waited = 2000) {
  const IceCandidateInfo host{CandidateType::kHost, "udp", "127.0.0.1:1", "", ""};
  const IceCandidateInfo relay{CandidateType::kRelay, "udp", "127.0.0.1:2", "udp", ""};
  return {ofBot(1, 0, 0, BotStarted{kEpochNs}),
          ofBot(10, 0, 0, BotJoined{0}),
          ofBot(2010, 0, 0, PartnerMatched{waited, true, "ben"}),
          ofLink(2010, 0, 0, 1, LinkStarted{true}),
          ofLink(2020, 0, 0, 1, DescriptionSet{"local", "offer"}),
          ofLink(2030, 0, 0, 1, DescriptionSet{"remote", "answer"}),
          ofLink(2060, 0, 0, 1, StateChanged{"ice", "connected"}),
          ofLink(2060, 0, 0, 1, PairSelected{host, relay}),
          ofLink(2100, 0, 0, 1, LinkConnected{}),
          ofLink(2110, 0, 0, 1, MediaStarted{MediaKind::kAudio}),
          ofLink(2130, 0, 0, 1, MediaStarted{MediaKind::kVideo})};
}
const Script kSeekerLeaves = {ofBot(4000, 0, 0, BotLeft{true})};

TEST(Waiting, RingingIsNoPartOfTheTimeToConnect) {
  const CallOutcome call = sessionCall(ringingCall(0) + leave(0), kRinging);
  EXPECT_EQ(call.state, CallState::kSucceeded);
  ASSERT_TRUE(call.wait);
  EXPECT_TRUE(call.wait->over);
  EXPECT_EQ(call.wait->time, 500ms);
  EXPECT_EQ(call.signaling_time, 10ms);
  EXPECT_EQ(call.connect_time, 100ms);
  EXPECT_EQ(call.first_media, 130ms);
  EXPECT_EQ(call.phases->signaling, 12ms) << "until the caller hears of the answer";
  EXPECT_EQ(call.phases->negotiation, 18ms);
  EXPECT_EQ(
      call.phases->signaling + call.phases->negotiation + call.phases->ice + call.phases->dtls,
      call.connect_time);
}

TEST(Waiting, TheConnectDeadlineStandsStillWhileItRings) {
  EXPECT_EQ(sessionCall(ringingCall(0, 40'000) + leave(0, 50'000), kRinging).state,
            CallState::kSucceeded);
  Scenario strict = kRinging;
  strict.deadlines.connect = 99ms;
  EXPECT_EQ(sessionCall(ringingCall(0) + leave(0), strict).state, CallState::kFailed);
}

TEST(Waiting, TheCallersWordCountsAndElseTheCallees) {
  Script events = ringingCall(0) + leave(0);
  for (Event& event : events) {
    if (auto* answered = std::get_if<CallAnswered>(&event.body); answered && answered->initiator)
      answered->waited_ms = 480;
  }
  EXPECT_EQ(sessionCall(events, kRinging).wait->time, 480ms);
  EXPECT_EQ(sessionCall(events, kRinging).answered, 1) << "told by both";

  std::erase_if(events, [](const Event& event) { return event.bot == 0; });
  for (Event& event : events) {
    event.bot = event.bot == 1 ? 0 : event.bot;
    event.peer = event.peer == 0 ? 1 : event.peer;
  }
  const CallOutcome of_guest = sessionCall(events, oneCallOf(CallMode::kCall, 1, 1));
  EXPECT_EQ(of_guest.state, CallState::kSucceeded);
  EXPECT_EQ(of_guest.wait->time, 500ms);
  EXPECT_EQ(of_guest.connect_time, 100ms);
  EXPECT_EQ(of_guest.answered, 1);
}

TEST(Waiting, OnlyTheFirstRingingOfACallIsItsWait) {
  const CallOutcome call = sessionCall(
      ringingCall(0) + Script{ofBot(5000, 0, 0, CallAnswered{9, true})} + leave(0, 9000), kRinging);
  EXPECT_EQ(call.wait->time, 500ms);
  EXPECT_EQ(call.answered, 2);
}

TEST(Waiting, ACallThatNobodyAnswersWaitedInVain) {
  const CallOutcome call =
      sessionCall(joinedCall(0) +
                      Script{ofBot(11, 0, 1, CallRang{}),
                             ofBot(311, 0, 0, BotFailed{FailureCause::kNotAnswered, "rejected"})} +
                      leave(0, 320),
                  kRinging);
  EXPECT_EQ(call.cause, FailureCause::kNotAnswered);
  ASSERT_TRUE(call.wait);
  EXPECT_FALSE(call.wait->over);
  EXPECT_EQ(call.rings, 1);
}

TEST(Waiting, ARoomHasNone) {
  EXPECT_FALSE(sessionCall(goodCall(0), oneCallOf(CallMode::kRoom)).wait);
}

TEST(Waiting, WhoNeverRangIsNotInIt) {
  EXPECT_FALSE(sessionCall(failedCall(0, FailureCause::kJoinRejected), kRinging).wait);
}

TEST(Seeker, IsJudgedByItsOwnEnd) {
  const CallOutcome call = sessionCall(seekerCall() + kSeekerLeaves, kSeeker);
  EXPECT_EQ(call.state, CallState::kSucceeded);
  EXPECT_EQ(call.wait->time, 2000ms);
  EXPECT_EQ(call.connect_time, 100ms);
  EXPECT_EQ(call.first_media, 130ms);
  EXPECT_EQ(call.phases->signaling, 10ms);
  EXPECT_EQ(call.phases->ice, 30ms);
  EXPECT_EQ(call.matches, 1);
  EXPECT_THAT(call.paths, ElementsAre("host-relay"));
  EXPECT_THAT(call.relay_protocols, IsEmpty()) << "the relay is the partner's";
}

TEST(Seeker, WhoAnsweredNamesTheOffererFirst) {
  Script events = seekerCall() + kSeekerLeaves;
  for (Event& event : events) {
    if (auto* started = std::get_if<LinkStarted>(&event.body))
      started->offerer = false;
  }
  EXPECT_THAT(sessionCall(events, kSeeker).paths, ElementsAre("relay-host"));
}

TEST(Seeker, WithoutAPartnerFails) {
  const CallOutcome call = sessionCall(
      {ofBot(1, 0, 0, BotStarted{kEpochNs}), ofBot(10, 0, 0, BotJoined{0}),
       ofBot(900, 0, 0, BotFailed{FailureCause::kNoPartner, ""}), ofBot(910, 0, 0, BotLeft{true})},
      kSeeker);
  EXPECT_EQ(call.cause, FailureCause::kNoPartner);
  EXPECT_FALSE(call.wait->over);
}

TEST(Guests, ReportNothingAndAreNotWaitedFor) {
  Scenario room = oneCallOf(CallMode::kRoom, 2, 1);
  room.media = {std::nullopt, std::nullopt};
  Script events = {ofBot(1, 0, 0, BotStarted{kEpochNs}), ofBot(2, 0, 1, BotStarted{kEpochNs}),
                   ofBot(10, 0, 0, BotJoined{0}), ofBot(12, 0, 1, BotJoined{1})};
  double at = 50;
  for (const auto& [bot, peer] : {std::pair{0, 1}, {1, 0}, {0, 2}, {1, 2}})
    events.push_back(ofLink(at += 10, 0, bot, peer, LinkConnected{}));
  const CallOutcome call = sessionCall(events + leave(0), room);
  EXPECT_EQ(call.state, CallState::kSucceeded);
  EXPECT_EQ(call.connect_time, 90ms);
  EXPECT_EQ(call.phases->signaling, 12ms) << "the guest's coming is not seen";

  std::erase_if(events, [](const Event& event) { return event.peer == 2 && event.bot == 1; });
  EXPECT_FALSE(sessionCall(events + leave(0), room).connect_time);
}

TEST(Guests, AnEventOfAGuestIsAStray) {
  const Outcomes outcomes =
      foldOf(wholeRun({ofBot(5, 0, 1, BotJoined{0}), ofLink(5, 0, 0, 2, LinkConnected{}),
                       inRound(0, ofLink(5, 0, 0, 1, LinkConnected{}))}),
             oneCallOf(CallMode::kRoom, 1, 1));
  EXPECT_EQ(outcomes.run.stray_events, 3);
}

TEST(Rounds, OnlyTheFirstCountsForConnecting) {
  const CallOutcome call = sessionCall(
      goodCall(0) + Script{inRound(2, ofLink(2000, 0, 0, 1, LinkConnected{})),
                           inRound(2, ofLink(2100, 0, 1, 0, LinkConnected{})),
                           inRound(2, ofLink(2200, 0, 0, 1, MediaStarted{MediaKind::kAudio}))},
      oneCallOf(CallMode::kRoom));
  EXPECT_EQ(call.connect_time, 100ms);
  EXPECT_EQ(call.first_media, 130ms);
  EXPECT_FALSE(call.dropped);
}

TEST(Rounds, ALaterOneThatFailsIsADrop) {
  const CallOutcome call = sessionCall(
      goodCall(0) + Script{inRound(
                        2, ofLink(2000, 0, 0, 1, LinkFailed{FailureCause::kIceFailed, "ice", ""}))},
      oneCallOf(CallMode::kRoom));
  EXPECT_EQ(call.state, CallState::kSucceeded);
  EXPECT_TRUE(call.dropped);
}

TEST(Rounds, ALaterFailureIsNotTheCauseOfAnEarlierOne) {
  const CallOutcome call = sessionCall(
      connectedCall(0) +
          Script{
              ofLink(9000, 0, 0, 1, LinkFailed{FailureCause::kNoMedia, "media", ""}),
              inRound(2, ofLink(9500, 0, 0, 1, LinkFailed{FailureCause::kIceFailed, "ice", ""}))} +
          leave(0, 9900),
      oneCallOf(CallMode::kRoom));
  EXPECT_EQ(call.cause, FailureCause::kNoMedia);
}

TEST(Rounds, OneThatAStepCutShortIsNotCounted) {
  Script events = joinedCall(0);
  for (const Event& event : connectedCall(0) + mediaOf(0)) {
    if (event.at > ms(10))
      events.push_back(inRound(2, event));
  }
  const CallOutcome call = sessionCall(events + leave(0), oneCallOf(CallMode::kRoom));
  EXPECT_EQ(call.state, CallState::kSucceeded);
  EXPECT_EQ(call.connect_time, 100ms);

  events.push_back(ofLink(15, 0, 0, 1, LinkFailed{FailureCause::kIceFailed, "ice", ""}));
  const CallOutcome failed = sessionCall(events + leave(0), oneCallOf(CallMode::kRoom));
  EXPECT_EQ(failed.cause, FailureCause::kIceFailed) << "that one failed by itself";
  EXPECT_FALSE(failed.connect_time);
}

TEST(Rounds, MediaThatAStepCutShortMayComeInTheNext) {
  Script events = connectedCall(0);
  for (const Event& event : connectedCall(0) + mediaOf(0)) {
    if (event.at > ms(80))
      events.push_back(inRound(2, event));
  }
  const Scenario room = oneCallOf(CallMode::kRoom);
  EXPECT_EQ(sessionCall(events + leave(0), room).state, CallState::kSucceeded);
  for (int bot = 0; bot < 2; bot++)
    events.push_back(ofLink(105, 0, bot, 1 - bot, LinkFailed{FailureCause::kNoMedia, "media", ""}));
  EXPECT_EQ(sessionCall(events + leave(0), room).cause, FailureCause::kNoMedia);
}

TEST(Messages, ARoundTripIsExactAndRoundsAddUp) {
  Scenario scenario = oneCallOf(CallMode::kRoom);
  scenario.media = {std::nullopt, std::nullopt};
  scenario.messages.emplace();
  const CallOutcome call =
      sessionCall(connectedCall(0) +
                      Script{ofLink(3000, 0, 0, 1, MessageReport{3, 2, "[1500,250.5]"}),
                             inRound(2, ofLink(3000, 0, 0, 1, MessageReport{1, 1, "[1000]"})),
                             ofLink(3000, 0, 1, 0, MessageReport{2, 0, "[]"})} +
                      leave(0),
                  scenario);
  EXPECT_EQ(call.state, CallState::kSucceeded);
  EXPECT_EQ(call.messages.sent, 6);
  EXPECT_EQ(call.messages.answered, 3);
  EXPECT_THAT(call.messages.round_trips_ms, ElementsAre(1.5, 0.2505, 1));
}

TEST(Joins, TakeFromTheStartOfTheBotAndOnlyTheFirstTime) {
  const CallOutcome call = sessionCall(goodCall(0) + Script{ofBot(2000, 0, 0, BotJoined{1})},
                                       oneCallOf(CallMode::kRoom));
  EXPECT_THAT(call.join_times, ElementsAre(7ms, 8ms));
  EXPECT_EQ(call.joins, 3);
}

}  // namespace
}  // namespace turnout
