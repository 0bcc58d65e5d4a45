#include "bots/attempt/link_attempt.h"

#include "tests/unit/attempt/actions.h"

#include <gtest/gtest.h>

namespace turnout {
namespace {

const Instant kLinkStart = fromNs(1'000'000'000);

PeerEvent peerEvent(Duration after, decltype(PeerEvent::body) body) {
  return {kLinkStart + after, std::move(body)};
}

class LinkAttemptTest : public testing::Test {
 protected:
  static LinkPlan plan() {
    return {kLinkStart, 5000ms, 2000ms, false, {MediaKind::kAudio, MediaKind::kVideo}, {}, {}};
  }

  static void negotiate(LinkAttempt& link) {
    link.start(kLinkStart, LinkAttempt::Role::kOfferer);
    link.onPeer(peerEvent(1ms, LocalDescription{SdpType::kOffer, "o"}));
    link.onDescription(kLinkStart + 2ms, "answer", "a");
    link.onPeer(peerEvent(3ms, RemoteDescriptionSet{SdpType::kAnswer}));
  }
  static void connect(LinkAttempt& link) {
    negotiate(link);
    link.onPeer(peerEvent(10ms, IceStateChanged{IceConnectionState::kConnected}));
    link.onPeer(peerEvent(15ms, ConnectionStateChanged{"connected"}));
  }
};

TEST_F(LinkAttemptTest, OffererMakesAnOfferAndArmsTheConnectDeadlineFromTheScheduledStart) {
  LinkAttempt link(plan());
  link.start(kLinkStart + 300ms, LinkAttempt::Role::kOfferer);
  const auto actions = link.takeActions();
  EXPECT_EQ(all<MakeOffer>(actions).size(), 1u);
  EXPECT_EQ(link.due(), kLinkStart + 5000ms);
}

TEST_F(LinkAttemptTest, AnswererWaitsForTheOffer) {
  LinkAttempt link(plan());
  link.start(kLinkStart, LinkAttempt::Role::kAnswerer);
  EXPECT_TRUE(all<MakeOffer>(link.takeActions()).empty());
  link.onDescription(kLinkStart + 1ms, "offer", "sdp");
  const auto actions = link.takeActions();
  ASSERT_EQ(all<SetRemote>(actions).size(), 1u);
  EXPECT_EQ(all<SetRemote>(actions)[0].type, SdpType::kOffer);
}

TEST_F(LinkAttemptTest, CandidatesBeforeTheDescriptionAreKeptAndGivenAfterItInOrder) {
  LinkAttempt link(plan());
  link.start(kLinkStart, LinkAttempt::Role::kAnswerer);
  link.onCandidate(kLinkStart, 0, "candidate:1 1 UDP 1 127.0.0.1 5 typ host");
  link.onCandidate(kLinkStart, 0, "candidate:2 1 UDP 1 127.0.0.1 6 typ host");
  EXPECT_TRUE(all<AddRemoteCandidate>(link.takeActions()).empty());
  link.onDescription(kLinkStart + 1ms, "offer", "sdp");
  const auto given = all<AddRemoteCandidate>(link.takeActions());
  ASSERT_EQ(given.size(), 2u);
  EXPECT_NE(given[0].candidate.find(" 5 "), std::string::npos);
}

TEST_F(LinkAttemptTest, DuplicateRemoteCandidatesAreDroppedAndRecorded) {
  LinkAttempt link(plan());
  negotiate(link);
  link.takeActions();
  link.onCandidate(kLinkStart, 0, "candidate:1 1 UDP 1 127.0.0.1 5 typ relay");
  link.onCandidate(kLinkStart, 0, "candidate:1 1 UDP 1 127.0.0.1 5 typ relay");
  const auto actions = link.takeActions();
  EXPECT_EQ(all<AddRemoteCandidate>(actions).size(), 1u);
  const auto seen = recorded<CandidateSeen>(actions);
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_FALSE(seen[0].duplicate);
  EXPECT_TRUE(seen[1].duplicate);
  EXPECT_EQ(seen[0].info.type, CandidateType::kRelay);
  EXPECT_EQ(seen[0].info.protocol, "udp");
}

TEST_F(LinkAttemptTest, SettlesUpOnlyWhenConnectedAndEveryKindOfMediaArrived) {
  LinkAttempt link(plan());
  connect(link);
  EXPECT_EQ(recorded<LinkConnected>(link.takeActions()).size(), 1u);
  link.onPeer(peerEvent(20ms, FirstMedia{MediaKind::kAudio}));
  EXPECT_TRUE(all<Settled>(link.takeActions()).empty());
  link.onPeer(peerEvent(25ms, FirstMedia{MediaKind::kVideo}));
  const auto settled = all<Settled>(link.takeActions());
  ASSERT_EQ(settled.size(), 1u);
  EXPECT_TRUE(settled[0].up);
}

TEST_F(LinkAttemptTest, AKindThatIsNotToComeIsNotMissed) {
  const NegotiatedTrack audio{0, MediaKind::kAudio, true, true, true};
  LinkAttempt link(plan());
  connect(link);
  link.takeActions();
  link.onPeer(peerEvent(11ms, TracksNegotiated{{audio}}));  // nobody has a section for pictures
  link.onPeer(peerEvent(20ms, FirstMedia{MediaKind::kAudio}));
  const auto actions = link.takeActions();
  ASSERT_EQ(all<Settled>(actions).size(), 1u);
  EXPECT_TRUE(all<Settled>(actions)[0].up);
  const auto told = recorded<MediaNegotiated>(actions);
  ASSERT_EQ(told.size(), 2u);
  EXPECT_TRUE(told[0].sends && told[0].receives && told[0].codec);
  EXPECT_FALSE(told[1].sends || told[1].receives || told[1].codec);
}

TEST_F(LinkAttemptTest, AnotherDirectionThanTheExpectedFailsTheCallAndSaysWhichCodecIsMissing) {
  const NegotiatedTrack audio{0, MediaKind::kAudio, true, true, true};
  NegotiatedTrack video{1, MediaKind::kVideo, false, true, false};
  for (const MediaDirection expected : {MediaDirection::kRecvOnly, MediaDirection::kSendRecv}) {
    LinkPlan wanted = plan();
    wanted.expected = {{MediaKind::kVideo, expected}};
    LinkAttempt link(wanted);
    negotiate(link);
    link.takeActions();
    link.onPeer(peerEvent(5ms, TracksNegotiated{{audio, video}}));
    const auto failed = recorded<LinkFailed>(link.takeActions());
    ASSERT_EQ(failed.size(), expected == MediaDirection::kSendRecv ? 1u : 0u);
    for (const LinkFailed& failure : failed)
      EXPECT_EQ(failure.detail,
                "video was negotiated recvonly, and media.video.expect is sendrecv: the other end "
                "has no VP8");
  }
}

TEST_F(LinkAttemptTest, AHoldLaterIsNotWhatIsExpectedOfTheCall) {
  LinkPlan wanted = plan();
  wanted.expected = {{MediaKind::kVideo, MediaDirection::kSendRecv}};
  LinkAttempt link(wanted);
  connect(link);
  link.onPeer(peerEvent(500ms, TracksNegotiated{{{1, MediaKind::kVideo, false, false, true}}}));
  EXPECT_TRUE(recorded<LinkFailed>(link.takeActions()).empty());
}

TEST_F(LinkAttemptTest, SilencesOfAKindAreRecorded) {
  LinkAttempt link(plan());
  connect(link);
  link.takeActions();
  link.onPeer(peerEvent(500ms, TrackSilent{MediaKind::kVideo, kLinkStart + 200ms}));
  link.onPeer(peerEvent(900ms, TrackBack{MediaKind::kVideo, 700ms}));
  const auto actions = link.takeActions();
  ASSERT_EQ(recorded<MediaStopped>(actions).size(), 1u);
  EXPECT_DOUBLE_EQ(recorded<MediaStopped>(actions)[0].silent_ms, 300);
  ASSERT_EQ(recorded<MediaResumed>(actions).size(), 1u);
  EXPECT_DOUBLE_EQ(recorded<MediaResumed>(actions)[0].gap_ms, 700);
}

TEST_F(LinkAttemptTest, MediaThatIsSeenBeforeConnectedCounts) {
  LinkAttempt link(plan());
  negotiate(link);
  link.onPeer(peerEvent(9ms, FirstMedia{MediaKind::kAudio}));
  link.onPeer(peerEvent(9ms, FirstMedia{MediaKind::kVideo}));
  link.onPeer(peerEvent(10ms, ConnectionStateChanged{"connected"}));
  EXPECT_EQ(link.phase(), LinkAttempt::Phase::kUp);
}

TEST_F(LinkAttemptTest, WithoutMediaConnectedIsUp) {
  LinkPlan no_media = plan();
  no_media.media.clear();
  LinkAttempt link(no_media);
  connect(link);
  EXPECT_EQ(link.phase(), LinkAttempt::Phase::kUp);
}

TEST_F(LinkAttemptTest, TheDeadlineNamesThePhaseThatDidNotEnd) {
  struct Row {
    const char* why;
    std::function<void(LinkAttempt&)> until;
    FailureCause cause;
    const char* phase;
  };
  const Row rows[] = {
      {"no answer came",
       [](LinkAttempt& link) { link.start(kLinkStart, LinkAttempt::Role::kOfferer); },
       FailureCause::kNegotiation, "negotiation"},
      {"no pair worked", [](LinkAttempt& link) { negotiate(link); }, FailureCause::kIceTimeout,
       "ice"},
      {"ICE worked, DTLS did not",
       [](LinkAttempt& link) {
         negotiate(link);
         link.onPeer(peerEvent(9ms, IceStateChanged{IceConnectionState::kCompleted}));
       },
       FailureCause::kDtls, "dtls"},
      {"connected without media", [](LinkAttempt& link) { connect(link); }, FailureCause::kNoMedia,
       "media"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    LinkAttempt link(plan());
    row.until(link);
    link.takeActions();
    link.onTime(kLinkStart + 5000ms);
    const auto actions = link.takeActions();
    const auto failed = recorded<LinkFailed>(actions);
    ASSERT_EQ(failed.size(), 1u);
    EXPECT_EQ(failed[0].cause, row.cause);
    EXPECT_EQ(failed[0].phase, row.phase);
    ASSERT_EQ(all<Settled>(actions).size(), 1u);
    EXPECT_FALSE(all<Settled>(actions)[0].up);
  }
}

TEST_F(LinkAttemptTest, RelayOnlyWithoutRelayFailsAtOnceAndNamesTurn) {
  struct Row {
    std::vector<int> codes;
    FailureCause cause;
  };
  const Row rows[] = {{{401}, FailureCause::kTurnAuth},
                      {{401, 403}, FailureCause::kTurnAuth},
                      {{401, 701}, FailureCause::kTurnUnreachable},
                      {{486}, FailureCause::kTurnUnreachable},
                      {{}, FailureCause::kTurnUnreachable}};
  for (const Row& row : rows) {
    LinkPlan relay = plan();
    relay.relay_only = true;
    LinkAttempt link(relay);
    negotiate(link);
    for (const int code : row.codes)
      link.onPeer(peerEvent(20ms, IceServerOutcome{"turn:h", code, "", "", 1}));
    link.takeActions();
    link.onPeer(peerEvent(30ms, GatheringDone{}));
    const auto failed = recorded<LinkFailed>(link.takeActions());
    ASSERT_EQ(failed.size(), 1u);
    EXPECT_EQ(failed[0].cause, row.cause);
  }
}

TEST_F(LinkAttemptTest, RelayOnlyWithARelayGoesOnWhenGatheringEnds) {
  LinkPlan relay = plan();
  relay.relay_only = true;
  LinkAttempt link(relay);
  negotiate(link);
  IceCandidateInfo info;
  info.type = CandidateType::kRelay;
  link.onPeer(peerEvent(20ms, LocalCandidate{0, "candidate:1", info}));
  link.onPeer(peerEvent(30ms, GatheringDone{}));
  EXPECT_EQ(link.phase(), LinkAttempt::Phase::kIce);
}

TEST_F(LinkAttemptTest, AFailureIsToldOnceHoweverOftenItIsSeen) {
  LinkAttempt link(plan());
  negotiate(link);
  link.onPeer(peerEvent(9ms, IceStateChanged{IceConnectionState::kFailed}));
  link.onPeer(peerEvent(9ms, ConnectionStateChanged{"failed"}));
  link.onTime(kLinkStart + 5000ms);
  const auto actions = link.takeActions();
  EXPECT_EQ(recorded<LinkFailed>(actions).size(), 1u);
  EXPECT_EQ(all<Settled>(actions).size(), 1u);
}

TEST_F(LinkAttemptTest, NothingIsShippedAfterTheEnd) {
  LinkAttempt link(plan());
  link.start(kLinkStart, LinkAttempt::Role::kOfferer);
  link.end(kLinkStart + 1ms);
  link.takeActions();
  link.onPeer(peerEvent(2ms, LocalDescription{SdpType::kOffer, "late"}));
  link.onPeer(peerEvent(2ms, LocalCandidate{0, "candidate:1", {}}));
  link.onDescription(kLinkStart + 3ms, "answer", "late");
  const auto actions = link.takeActions();
  EXPECT_TRUE(all<ShipDescription>(actions).empty());
  EXPECT_TRUE(all<ShipCandidate>(actions).empty());
  EXPECT_TRUE(all<SetRemote>(actions).empty());
}

TEST_F(LinkAttemptTest, LosingSignalingFailsOnlyALinkThatStillConnects) {
  LinkAttempt connecting(plan());
  negotiate(connecting);
  connecting.onSignalingLost(kLinkStart + 5ms, "gone");
  EXPECT_EQ(recorded<LinkFailed>(connecting.takeActions())[0].cause, FailureCause::kSignalingLost);

  LinkAttempt connected(plan());
  connect(connected);
  connected.onSignalingLost(kLinkStart + 20ms, "gone");
  EXPECT_TRUE(recorded<LinkFailed>(connected.takeActions()).empty());
}

TEST_F(LinkAttemptTest, ADescriptionOfUnknownTypeFailsNegotiation) {
  LinkAttempt link(plan());
  link.start(kLinkStart, LinkAttempt::Role::kAnswerer);
  link.onDescription(kLinkStart, "pranswer", "x");
  EXPECT_EQ(recorded<LinkFailed>(link.takeActions())[0].cause, FailureCause::kNegotiation);
}

}  // namespace
}  // namespace turnout
