// Two real peers over 127.0.0.1: how they connect and what they tell of it.
#include "tests/media/peer/peer_pair.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::unique_ptr<PeerFactory> factoryOf(const MediaProfile& media) {
  auto made = PeerFactory::create(testLoop(), {.media = media, .warm_up = false});
  EXPECT_TRUE(made) << made.error().what;
  return *std::move(made);
}

template <class State>
std::vector<std::string> states(const TestPeer& peer) {
  std::vector<std::string> names;
  for (const State& each : peer.all<State>())
    names.push_back(each.state);
  return names;
}

TEST(Connect, EveryStateIsToldInOrder) {
  PeerPair pair;
  ASSERT_TRUE(pair.connect()) << pair.story();
  EXPECT_THAT(states<SignalingStateChanged>(pair.offerer),
              ElementsAre("have-local-offer", "stable"));
  EXPECT_THAT(states<SignalingStateChanged>(pair.answerer),
              ElementsAre("have-remote-offer", "stable"));
  for (const TestPeer* peer : {&pair.offerer, &pair.answerer}) {
    EXPECT_THAT(states<ConnectionStateChanged>(*peer), ElementsAre("connecting", "connected"));
    EXPECT_TRUE(
        waitFor([peer] { return states<DtlsStateChanged>(*peer).back() == "connected"; }, 5s));
    ASSERT_EQ(peer->all<IcePairSelected>().size(), 1u);
    EXPECT_THAT(peer->all<IcePairSelected>()[0].local.address, HasSubstr("127.0.0.1:"));
    EXPECT_EQ(peer->failure(), "");
  }
}

TEST(Connect, InstantsAreThoseOfTheSourceAndFollowTheCause) {
  PeerPair pair;
  ASSERT_TRUE(pair.connect()) << pair.story();
  ASSERT_TRUE(pair.waitForMedia()) << pair.story();
  for (const TestPeer* peer : {&pair.offerer, &pair.answerer}) {
    const auto* described = peer->first<LocalDescription>([](const auto&) { return true; });
    const auto* ice = peer->first<IceStateChanged>([](const auto& changed) {
      return changed.state == IceConnectionState::kConnected ||
             changed.state == IceConnectionState::kCompleted;
    });
    const auto* dtls = peer->first<DtlsStateChanged>(
        [](const auto& changed) { return changed.state == "connected"; });
    const auto* media = peer->first<FirstMedia>([](const auto&) { return true; });
    ASSERT_TRUE(described && ice && dtls && media) << pair.story();
    EXPECT_LT(peer->made_at, described->at);
    EXPECT_LT(described->at, ice->at);
    EXPECT_LT(ice->at, dtls->at);
    EXPECT_LT(dtls->at, media->at);
  }
}

TEST(Connect, CandidatesAreDescribedAndEndWithGatheringDone) {
  PeerPair pair;
  ASSERT_TRUE(pair.connect()) << pair.story();
  ASSERT_TRUE(waitFor([&pair] { return !pair.offerer.all<GatheringDone>().empty(); }, 5s));
  const auto candidates = pair.offerer.all<LocalCandidate>();
  ASSERT_EQ(candidates.size(), 1u) << "one address, UDP only";
  EXPECT_THAT(candidates[0].candidate, ::testing::StartsWith("candidate:"));
  EXPECT_EQ(candidates[0].info.type, CandidateType::kHost);
  EXPECT_THAT(candidates[0].info.address, ::testing::StartsWith("127.0.0.1:"));
  const auto at = [&pair](auto is) {
    return std::find_if(pair.offerer.events.begin(), pair.offerer.events.end(), is);
  };
  EXPECT_LT(at([](const PeerEvent& e) { return std::holds_alternative<LocalCandidate>(e.body); }),
            at([](const PeerEvent& e) { return std::holds_alternative<GatheringDone>(e.body); }));
}

TEST(Connect, CandidatesThatOvertakeTheDescriptionAreKept) {
  PeerPair pair;
  // The offer is held back until the offerer's candidates have all been delivered.
  std::vector<PeerEvent> held;
  const auto deliver = pair.offerer.deliver;
  pair.offerer.deliver = [&](const PeerEvent& event) {
    if (std::holds_alternative<LocalDescription>(event.body))
      held.push_back(event);
    else
      deliver(event);
    if (std::holds_alternative<GatheringDone>(event.body))
      deliver(held.front());
  };
  // The answerer's only way is the candidate that came early: its own do not reach the offerer.
  pair.answerer.deliver = [deliver = pair.answerer.deliver](const PeerEvent& event) {
    if (std::holds_alternative<LocalDescription>(event.body))
      deliver(event);
  };
  EXPECT_TRUE(pair.connect()) << pair.story();
}

TEST(Connect, ADescriptionThatIsDeliveredTwiceCountsOnce) {
  PeerPair pair;
  for (TestPeer* peer : {&pair.offerer, &pair.answerer})
    peer->deliver = [deliver = peer->deliver](const PeerEvent& event) {
      deliver(event);
      if (std::holds_alternative<LocalDescription>(event.body))
        deliver(event);
    };
  ASSERT_TRUE(pair.connect()) << pair.story();
  EXPECT_TRUE(pair.waitForMedia()) << pair.story();
  EXPECT_EQ(pair.offerer.all<LocalDescription>().size(), 1u);
  EXPECT_EQ(pair.answerer.all<LocalDescription>().size(), 1u);
}

// RFC 9143 7.2: as aiortc and Asterisk offer, for ends that do not bundle.
TEST(Connect, AnOfferWithATransportForEachSectionIsAnsweredOnTheFirst) {
  PeerPair pair;
  pair.offerer.deliver = [deliver = pair.offerer.deliver](PeerEvent event) {
    if (auto* local = std::get_if<LocalDescription>(&event.body)) {
      std::string& sdp = local->sdp;
      const std::size_t second = sdp.find("m=video");
      for (const char* key : {"a=ice-ufrag:", "a=ice-pwd:", "a=fingerprint:sha-256 "}) {
        const std::size_t value = sdp.find(key, second) + std::string_view(key).size();
        sdp[value] = sdp[value] == 'A' ? 'B' : 'A';
      }
    }
    deliver(event);
  };
  ASSERT_TRUE(pair.connect()) << pair.story();
  EXPECT_TRUE(pair.waitForMedia()) << pair.story();
}

TEST(Connect, CandidatesNameTheSectionThatHasTheTransport) {
  PeerPair pair;
  ASSERT_TRUE(pair.connect()) << pair.story();
  for (const TestPeer* peer : {&pair.offerer, &pair.answerer})
    for (const LocalCandidate& candidate : peer->all<LocalCandidate>()) {
      EXPECT_EQ(candidate.mline, 0u);
      EXPECT_THAT(peer->all<LocalDescription>()[0].sdp, HasSubstr("a=mid:" + candidate.mid));
      EXPECT_NE(candidate.mid, "");
    }
}

TEST(Connect, ADataChannelAloneConnectsWithoutMedia) {
  const auto factory = factoryOf({std::nullopt, std::nullopt});
  PeerPair pair(*factory);
  ASSERT_TRUE(pair.connect()) << pair.story();
  EXPECT_THAT(pair.offerer.all<LocalDescription>()[0].sdp, HasSubstr("m=application"));
  EXPECT_TRUE(waitFor(
      [&pair] { return states<DtlsStateChanged>(pair.offerer).back() == "connected"; }, 5s));
  EXPECT_TRUE(pair.offerer.all<FirstMedia>().empty());
  EXPECT_EQ(pair.offerer->totals().of(MediaKind::kAudio).sent.packets, 0u);
}

TEST(Connect, AudioAloneHasOneMediaSection) {
  const auto factory = factoryOf({AudioProfile{}, std::nullopt});
  PeerPair pair(*factory);
  ASSERT_TRUE(pair.connect()) << pair.story();
  ASSERT_TRUE(waitFor(
      [&pair] {
        return pair.offerer.hasFirst(MediaKind::kAudio) &&
               pair.answerer.hasFirst(MediaKind::kAudio);
      },
      5s));
  EXPECT_THAT(pair.offerer.all<LocalDescription>()[0].sdp, Not(HasSubstr("m=video")));
}

TEST(Connect, APeerWithoutVideoReceivesWhatItIsOffered) {
  const auto audio_only = factoryOf({AudioProfile{}, std::nullopt});
  TestPeer offerer(testFactory(), loopbackConfig("offerer"));
  TestPeer answerer(*audio_only, loopbackConfig("answerer"));
  offerer.other = &answerer;
  answerer.other = &offerer;
  offerer->createOffer();
  ASSERT_TRUE(waitFor(
      [&] { return answerer.hasFirst(MediaKind::kVideo) && offerer.hasFirst(MediaKind::kAudio); },
      10s));
  EXPECT_EQ(offerer->totals().of(MediaKind::kVideo).received.packets, 0u);
}

TEST(Connect, AJitterBufferDelaysNothingButMedia) {
  PeerConfig offers = loopbackConfig("offerer"), answers = loopbackConfig("answerer");
  offers.ice.profile.jitter_buffer = answers.ice.profile.jitter_buffer = milliseconds(50);
  PeerPair pair(testFactory(), offers, answers);
  ASSERT_TRUE(pair.connect()) << pair.story();
  EXPECT_TRUE(pair.waitForMedia()) << pair.story();
}

// As Chrome does it, its numbers differ from those this tool would have offered.
TEST(Connect, AnAnswerUsesTheOfferersPayloadTypesAndSectionOrder) {
  PeerPair pair;
  std::string answer;
  pair.offerer.deliver = [&pair](const PeerEvent& event) {
    const auto* local = std::get_if<LocalDescription>(&event.body);
    if (!local)
      return;
    std::string sdp = local->sdp;
    const auto replace = [&sdp](const std::string& what, const std::string& with) {
      for (std::size_t at = 0; (at = sdp.find(what, at)) != std::string::npos; at += with.size())
        sdp.replace(at, what.size(), with);
    };
    replace("SAVPF 111", "SAVPF 63");
    replace(":111 ", ":63 ");
    replace("SAVPF 96", "SAVPF 120");
    replace(":96 ", ":120 ");
    const std::size_t audio = sdp.find("m=audio"), video = sdp.find("m=video");
    sdp = sdp.substr(0, audio) + sdp.substr(video) + sdp.substr(audio, video - audio);
    EXPECT_TRUE(pair.answerer->setRemoteDescription(SdpType::kOffer, sdp));
  };
  pair.answerer.deliver = [&answer](const PeerEvent& event) {
    if (const auto* local = std::get_if<LocalDescription>(&event.body))
      answer = local->sdp;
  };
  pair.offerer->createOffer();
  ASSERT_TRUE(waitFor([&answer] { return !answer.empty(); }, 5s));
  EXPECT_THAT(answer, HasSubstr("a=rtpmap:63 OPUS/48000/2"));
  EXPECT_THAT(answer, HasSubstr("a=rtpmap:120 VP8/90000"));
  EXPECT_THAT(answer, Not(HasSubstr("a=recvonly")));
  EXPECT_LT(answer.find("m=video"), answer.find("m=audio"));
}

TEST(Connect, TwoHundredPairsInSequenceAllConnect) {
  for (int i = 0; i < 200; i++) {
    PeerPair pair;
    ASSERT_TRUE(pair.connect()) << "pair " << i << ": " << pair.story();
  }
}

TEST(Connect, TwentyFivePairsAtOnceAllConnect) {
  std::vector<std::unique_ptr<PeerPair>> pairs;
  for (int i = 0; i < 25; i++) {
    pairs.push_back(std::make_unique<PeerPair>());
    pairs.back()->offerer->createOffer();
  }
  const auto all = [&pairs](auto is) { return std::all_of(pairs.begin(), pairs.end(), is); };
  EXPECT_TRUE(waitFor(
      [&] { return all([](const auto& pair) { return pair->isConnected() && pair->hasMedia(); }); },
      20s));
  for (const auto& pair : pairs)
    EXPECT_TRUE(pair->isConnected()) << pair->story();
}

}  // namespace
}  // namespace turnout
