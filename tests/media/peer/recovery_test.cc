// Faults of the network and what brings a connection back: real webrtcbins, each transport.
#include "tests/media/peer/peer_pair.h"
#include "tests/support/coturn.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using testing::AllOf;
using testing::Gt;
using testing::HasSubstr;
using testing::Lt;
using testing::StartsWith;

constexpr Duration kSilence = 300ms;  // of PeerConfig::media_silence here

PeerConfig watchfulConfig(const std::string& name) {
  PeerConfig config = loopbackConfig(name);
  config.media_silence = kSilence;
  return config;
}

struct WatchfulPair : PeerPair {
  WatchfulPair() : WatchfulPair(watchfulConfig("offerer"), watchfulConfig("answerer")) {}
  WatchfulPair(const PeerConfig& offers, const PeerConfig& answers)
      : PeerPair(testFactory(), offers, answers) {
    connected = connect() && waitForMedia();
  }
  bool connected = false;
};

std::uint64_t received(TestPeer& peer) {
  const MediaTotals totals = peer->totals();
  return totals.of(MediaKind::kAudio).received.packets +
         totals.of(MediaKind::kVideo).received.packets;
}

// So many packets more, at both ends.
bool mediaFlows(PeerPair& pair, std::uint64_t packets = 20, Duration limit = 5s) {
  const std::uint64_t offerer = received(pair.offerer) + packets;
  const std::uint64_t answerer = received(pair.answerer) + packets;
  return waitFor(
      [&] { return received(pair.offerer) >= offerer && received(pair.answerer) >= answerer; },
      limit);
}

template <class Body>
bool waitForMore(TestPeer& peer, std::size_t before, Duration limit = 5s) {
  return waitFor([&] { return peer.all<Body>().size() > before; }, limit);
}

void pass(Duration span) {
  const Instant end = now() + span;
  waitFor([end] { return now() >= end; }, span + 1s);
}

std::string lineOf(const std::string& sdp, const std::string& begins) {
  const std::size_t at = sdp.find(begins);
  return at == std::string::npos ? "" : sdp.substr(at, sdp.find("\r\n", at) - at);
}

std::string lastUfrag(const TestPeer& peer) {
  return lineOf(peer.all<LocalDescription>().back().sdp, "a=ice-ufrag:");
}

// An ICE restart is complete at an end when a pair of fresh sockets carries its media.
bool isRestarted(PeerPair& pair, std::size_t pairs_before_offerer,
                 std::size_t pairs_before_answerer) {
  return waitForMore<IcePairSelected>(pair.offerer, pairs_before_offerer) &&
         waitForMore<IcePairSelected>(pair.answerer, pairs_before_answerer);
}

bool restart(PeerPair& pair, TestPeer& by) {
  const std::size_t offerer = pair.offerer.all<IcePairSelected>().size();
  const std::size_t answerer = pair.answerer.all<IcePairSelected>().size();
  by->restartIce();
  return isRestarted(pair, offerer, answerer);
}

// How the left peer reaches the right one.
struct Path {
  const char* name;
  std::optional<TurnTransport> relay;
};

class BlackHole : public testing::TestWithParam<Path> {
 protected:
  BlackHole() {
    PeerConfig offers = watchfulConfig("offerer");
    if (const auto relay = GetParam().relay) {
      coturn_.emplace();
      offers.ice.relay_only = true;
      offers.ice.servers = {coturn_->server(*relay)};
    }
    pair_ = std::make_unique<WatchfulPair>(offers, watchfulConfig("answerer"));
  }
  std::optional<Coturn> coturn_;
  std::unique_ptr<WatchfulPair> pair_;
};

TEST_P(BlackHole, OfASecondIsOverWhenItIsLifted) {
  ASSERT_TRUE(pair_->connected) << pair_->story();
  ASSERT_TRUE(mediaFlows(*pair_));
  const Instant cut = now();
  pair_->offerer->setNetwork(NetworkCondition::blackHole());
  ASSERT_TRUE(waitForMore<MediaSilent>(pair_->offerer, 0));
  ASSERT_TRUE(waitForMore<MediaSilent>(pair_->answerer, 0));
  const std::uint64_t in_hole = received(pair_->offerer) + received(pair_->answerer);
  pass(cut + 1s - now());
  EXPECT_EQ(received(pair_->offerer) + received(pair_->answerer), in_hole);
  const Instant lifted = now();
  pair_->offerer->setNetwork({});
  ASSERT_TRUE(waitForMore<MediaBack>(pair_->offerer, 0)) << pair_->story();
  ASSERT_TRUE(waitForMore<MediaBack>(pair_->answerer, 0)) << pair_->story();
  for (TestPeer* peer : {&pair_->offerer, &pair_->answerer}) {
    const PeerEvent* silent = peer->first<MediaSilent>([](const auto&) { return true; });
    const PeerEvent* back = peer->first<MediaBack>([](const auto&) { return true; });
    const Instant since = std::get<MediaSilent>(silent->body).since;
    EXPECT_LT(toMs(since - cut), 100) << "packets that were under way";
    EXPECT_GE(silent->at - since, kSilence);
    EXPECT_GE(back->at, lifted);
    EXPECT_EQ(std::get<MediaBack>(back->body).gap, back->at - since);
  }
  for (TestPeer* peer : {&pair_->offerer, &pair_->answerer}) {  // each kind for itself
    ASSERT_TRUE(waitForMore<TrackBack>(*peer, 1)) << pair_->story();
    EXPECT_EQ(peer->all<TrackSilent>().size(), 2u);
    for (const TrackBack& back : peer->all<TrackBack>())
      EXPECT_GE(back.gap, 1s - 100ms);
  }
  EXPECT_TRUE(mediaFlows(*pair_));
  EXPECT_EQ(pair_->offerer.all<IcePairSelected>().size(), 1u);
}

TEST_P(BlackHole, IsLeftByARestartWhenTheNetworkIsBack) {
  ASSERT_TRUE(pair_->connected) << pair_->story();
  pair_->offerer->setNetwork(NetworkCondition::blackHole());
  ASSERT_TRUE(waitForMore<MediaSilent>(pair_->answerer, 0));
  pair_->offerer->setNetwork({});
  ASSERT_TRUE(restart(*pair_, pair_->offerer)) << pair_->story();
  EXPECT_TRUE(mediaFlows(*pair_));
}

// What is asked inside the hole gets its answers after it.
TEST_P(BlackHole, IsLeftByARestartThatBeganInside) {
  ASSERT_TRUE(pair_->connected) << pair_->story();
  pair_->offerer->setNetwork(NetworkCondition::blackHole());
  ASSERT_TRUE(waitForMore<MediaSilent>(pair_->answerer, 0));
  const std::size_t described = pair_->answerer.all<LocalDescription>().size();
  pair_->offerer->restartIce();
  ASSERT_TRUE(waitForMore<LocalDescription>(pair_->answerer, described));
  pair_->offerer->setNetwork({});
  EXPECT_TRUE(isRestarted(*pair_, 1, 1)) << pair_->story();
  EXPECT_TRUE(mediaFlows(*pair_));
}

INSTANTIATE_TEST_SUITE_P(Each, BlackHole,
                         testing::Values(Path{"Direct", {}}, Path{"TurnUdp", TurnTransport::kUdp},
                                         Path{"TurnTcp", TurnTransport::kTcp},
                                         Path{"TurnTls", TurnTransport::kTls}),
                         [](const auto& each) { return each.param.name; });

TEST(OneWayHole, IsSeenByTheFarEndOnly) {
  WatchfulPair pair;
  ASSERT_TRUE(pair.connected) << pair.story();
  pair.offerer->setNetwork({.outgoing = {true, {}}, .incoming = {}, .seed = 1});
  ASSERT_TRUE(waitForMore<MediaSilent>(pair.answerer, 0));
  const std::uint64_t before = received(pair.offerer);
  ASSERT_TRUE(waitFor([&] { return received(pair.offerer) > before + 20; }, 5s));
  EXPECT_TRUE(pair.offerer.all<MediaSilent>().empty());
  pair.offerer->setNetwork({});
  EXPECT_TRUE(waitForMore<MediaBack>(pair.answerer, 0));
}

double lostPercent(const ReceivedTotals& totals) {
  return 100.0 * static_cast<double>(totals.lost) /
         static_cast<double>(totals.lost + totals.packets);
}

TEST(Loss, OfAFifthEachWayIsSeenByBothReceivers) {
  WatchfulPair of_media, of_everything;
  ASSERT_TRUE(of_media.connected && of_everything.connected);
  const auto lose = [](WatchfulPair& pair, PacketLoss::Of of) {
    const PacketLoss fifth{20, of};
    pair.offerer->setNetwork({{false, fifth}, {false, fifth}, 7});
  };
  lose(of_media, PacketLoss::Of::kMedia);
  lose(of_everything, PacketLoss::Of::kEverything);
  EXPECT_TRUE(mediaFlows(of_media, 300, 15s));
  EXPECT_TRUE(mediaFlows(of_everything, 300, 15s));
  for (TestPeer* peer :
       {&of_media.offerer, &of_media.answerer, &of_everything.offerer, &of_everything.answerer}) {
    const MediaTotals totals = (*peer)->totals();
    ReceivedTotals both = totals.of(MediaKind::kAudio).received;
    both.packets += totals.of(MediaKind::kVideo).received.packets;
    both.lost += totals.of(MediaKind::kVideo).received.lost;
    EXPECT_THAT(lostPercent(both), AllOf(Gt(12), Lt(27)));  // of 375 packets: sigma is 2.1
  }
}

// The receiver alone knows what came, the sender alone what went: both ends' figures make the loss.
TEST(Loss, OneWayIsThatOfTheWayWithTheLastPacketsIncluded) {
  WatchfulPair pair;
  ASSERT_TRUE(pair.connected) << pair.story();
  pair.offerer->setNetwork(
      {.outgoing = {false, PacketLoss{20, PacketLoss::Of::kMedia}}, .incoming = {}, .seed = 5});
  ASSERT_TRUE(mediaFlows(pair, 400, 20s));
  pair.offerer->setNetwork({.outgoing = {true, {}}, .incoming = {}, .seed = 5});
  const auto sent = [&pair](MediaKind kind) { return pair.offerer->totals().of(kind).sent; };
  const auto got = [&pair](MediaKind kind) { return pair.answerer->totals().of(kind).received; };
  const std::uint64_t last_heard = sent(MediaKind::kAudio).packets;
  ASSERT_TRUE(waitFor([&] { return sent(MediaKind::kAudio).packets >= last_heard + 50; }, 5s));
  for (const MediaKind kind : {MediaKind::kAudio, MediaKind::kVideo}) {
    const std::uint64_t between = got(kind).packets + got(kind).lost;
    EXPECT_THAT(lostPercent(got(kind)), AllOf(Gt(9), Lt(31))) << toString(kind);
    EXPECT_GT(sent(kind).packets, between) << "the sender alone knows of those after the last";
    EXPECT_EQ(pair.offerer->totals().of(kind).received.lost, 0u) << "the other way loses nothing";
  }
  EXPECT_GE(sent(MediaKind::kAudio).packets - got(MediaKind::kAudio).packets -
                got(MediaKind::kAudio).lost,
            50u);
}

TEST(Loss, DoesNotKeepARestartFromConnecting) {
  WatchfulPair pair;
  ASSERT_TRUE(pair.connected) << pair.story();
  const PacketLoss fifth{20, PacketLoss::Of::kEverything};
  pair.offerer->setNetwork({{false, fifth}, {false, fifth}, 3});
  EXPECT_TRUE(restart(pair, pair.offerer)) << pair.story();
}

class Restart : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(pair_.connected) << pair_.story(); }
  WatchfulPair pair_;
};

TEST_F(Restart, OfASoundConnectionLosesNothingAndLeavesDtlsAlone) {
  const std::string first = pair_.offerer.all<LocalDescription>().front().sdp;
  const std::size_t dtls = pair_.offerer.all<DtlsStateChanged>().size();
  const std::string ufrag = lastUfrag(pair_.answerer);
  ASSERT_TRUE(restart(pair_, pair_.offerer)) << pair_.story();
  ASSERT_TRUE(mediaFlows(pair_, 60));  // beyond the overlap of the two paths
  EXPECT_NE(lastUfrag(pair_.offerer), lineOf(first, "a=ice-ufrag:"));
  EXPECT_NE(lastUfrag(pair_.answerer), ufrag);
  EXPECT_EQ(lineOf(pair_.offerer.all<LocalDescription>().back().sdp, "a=fingerprint:"),
            lineOf(first, "a=fingerprint:"));
  EXPECT_EQ(pair_.offerer.all<DtlsStateChanged>().size(), dtls);
  EXPECT_TRUE(pair_.offerer.all<MediaSilent>().empty());
  for (TestPeer* peer : {&pair_.offerer, &pair_.answerer}) {
    const MediaTotals totals = (*peer)->totals();
    EXPECT_EQ(
        totals.of(MediaKind::kAudio).received.lost + totals.of(MediaKind::kVideo).received.lost,
        0u);
  }
}

TEST_F(Restart, ByTheAnswererWorksToo) {
  ASSERT_TRUE(restart(pair_, pair_.answerer)) << pair_.story();
  EXPECT_EQ(pair_.answerer.all<LocalDescription>().back().type, SdpType::kOffer);
  EXPECT_TRUE(mediaFlows(pair_, 60));
  ASSERT_TRUE(restart(pair_, pair_.offerer)) << pair_.story();
  EXPECT_TRUE(mediaFlows(pair_, 60));
}

// RFC 8842 5.5: they are of the association, which lasts. Chromium refuses an answer that flips them.
TEST_F(Restart, LeavesTheDtlsRolesWhoeverOffers) {
  const auto answered = [](const TestPeer& peer) {
    const auto told = peer.all<LocalDescription>();
    EXPECT_EQ(told.back().type, SdpType::kAnswer);
    return lineOf(told.back().sdp, "a=setup:");
  };
  EXPECT_EQ(answered(pair_.answerer), "a=setup:active");
  ASSERT_TRUE(restart(pair_, pair_.answerer)) << pair_.story();
  EXPECT_EQ(answered(pair_.offerer), "a=setup:passive");
  ASSERT_TRUE(restart(pair_, pair_.offerer)) << pair_.story();
  EXPECT_EQ(lineOf(pair_.offerer.all<LocalDescription>().back().sdp, "a=setup:"),
            "a=setup:actpass");
  EXPECT_EQ(answered(pair_.answerer), "a=setup:active");
  EXPECT_TRUE(mediaFlows(pair_, 60));
}

std::string replacedAll(std::string text, const std::string& what, const std::string& with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
    text.replace(at, what.size(), with);
  return text;
}

// An offer that puts everything on hold, then one that resumes it.
TEST_F(Restart, MayPutMediaOnHoldAndResumeIt) {
  const auto deliver = pair_.offerer.deliver;
  pair_.offerer.deliver = [deliver](PeerEvent event) {
    if (auto* local = std::get_if<LocalDescription>(&event.body))
      local->sdp = replacedAll(local->sdp, "a=sendrecv", "a=inactive");
    deliver(event);
  };
  ASSERT_TRUE(restart(pair_, pair_.offerer)) << pair_.story();
  for (TestPeer* peer : {&pair_.offerer, &pair_.answerer}) {
    ASSERT_TRUE(waitFor([peer] { return peer->all<TracksNegotiated>().size() == 2; }, 5s));
    for (const NegotiatedTrack& track : peer->all<TracksNegotiated>().back().tracks)
      EXPECT_FALSE(track.sends || track.receives);
  }
  const std::uint64_t sent = pair_.offerer->totals().of(MediaKind::kAudio).sent.packets;
  const std::uint64_t sent_back = pair_.answerer->totals().of(MediaKind::kAudio).sent.packets;
  const std::size_t silences = pair_.answerer.all<TrackSilent>().size();
  pass(600ms);
  EXPECT_EQ(pair_.offerer->totals().of(MediaKind::kAudio).sent.packets, sent);
  EXPECT_EQ(pair_.answerer->totals().of(MediaKind::kAudio).sent.packets, sent_back);
  EXPECT_EQ(pair_.answerer.all<TrackSilent>().size(), silences) << "nothing is missing on hold";

  pair_.offerer.deliver = deliver;
  ASSERT_TRUE(restart(pair_, pair_.offerer)) << pair_.story();
  EXPECT_TRUE(mediaFlows(pair_, 60)) << pair_.story();
  EXPECT_EQ(pair_.offerer.failure() + pair_.answerer.failure(), "");
}

TEST_F(Restart, IsNotMovedByCandidatesOfAnOldGeneration) {
  const LocalCandidate old = pair_.offerer.all<LocalCandidate>().front();
  EXPECT_THAT(old.candidate, HasSubstr(" ufrag "));
  ASSERT_TRUE(restart(pair_, pair_.offerer)) << pair_.story();
  ASSERT_TRUE(mediaFlows(pair_, 60));  // the first generation is gone
  const std::size_t pairs = pair_.answerer.all<IcePairSelected>().size();
  pair_.answerer->addRemoteCandidate(0, old.candidate);
  ASSERT_TRUE(mediaFlows(pair_));
  EXPECT_EQ(pair_.answerer.all<IcePairSelected>().size(), pairs);
}

TEST_F(Restart, TakesCandidatesThatComeBeforeTheirDescription) {
  std::vector<PeerEvent> held;
  const auto deliver = pair_.offerer.deliver;
  pair_.offerer.deliver = [&](const PeerEvent& event) {
    if (std::holds_alternative<LocalDescription>(event.body))
      held.push_back(event);
    else
      deliver(event);
  };
  const std::size_t candidates = pair_.offerer.all<LocalCandidate>().size();
  pair_.offerer->restartIce();
  ASSERT_TRUE(waitFor(
      [&] { return !held.empty() && pair_.offerer.all<LocalCandidate>().size() > candidates; },
      5s));
  deliver(held.front());
  EXPECT_TRUE(isRestarted(pair_, 1, 1)) << pair_.story();
  EXPECT_TRUE(mediaFlows(pair_));
}

// Perfect negotiation (W3C 10.7) between the two, the answerer being polite.
class Glare : public Restart {
 protected:
  void SetUp() override {
    Restart::SetUp();
    pair_.answerer.deliver = [this, pass = pair_.answerer.deliver](const PeerEvent& event) {
      const auto* local = std::get_if<LocalDescription>(&event.body);
      if (local && local->type == SdpType::kOffer && pair_.offerer->isOffering())
        ++ignored_;
      else
        pass(event);
    };
  }
  bool bothRestart() {
    const std::size_t offerer = pair_.offerer.all<IcePairSelected>().size();
    const std::size_t answerer = pair_.answerer.all<IcePairSelected>().size();
    pair_.offerer->restartIce();
    pair_.answerer->restartIce();
    return isRestarted(pair_, offerer, answerer);
  }
  int ignored_ = 0;
};

TEST_F(Glare, OfTwoRestartsEndsConnected) {
  for (int round = 0; round < 10; ++round) {
    ASSERT_TRUE(bothRestart()) << pair_.story();
    ASSERT_TRUE(waitFor(
        [this] { return !pair_.offerer->isOffering() && !pair_.answerer->isOffering(); }, 5s));
  }
  EXPECT_TRUE(mediaFlows(pair_, 60));
  EXPECT_EQ(pair_.offerer.failure() + pair_.answerer.failure(), "");
}

// Both offers are on their way before either arrives: the polite side gives up one that is set.
TEST_F(Glare, OfOffersThatCrossEndsConnected) {
  std::vector<PeerEvent> held;
  const auto deliver = pair_.offerer.deliver;
  pair_.offerer.deliver = [&](const PeerEvent& event) { held.push_back(event); };
  pair_.offerer->restartIce();
  pair_.answerer->restartIce();
  ASSERT_TRUE(waitFor([&] { return ignored_ == 1 && !held.empty(); }, 5s));
  pair_.offerer.deliver = deliver;
  for (const PeerEvent& event : held)
    deliver(event);
  EXPECT_TRUE(isRestarted(pair_, 1, 1)) << pair_.story();
  EXPECT_TRUE(mediaFlows(pair_, 60));
  EXPECT_EQ(pair_.answerer.all<LocalDescription>().back().type, SdpType::kAnswer);
  EXPECT_EQ(pair_.offerer.failure() + pair_.answerer.failure(), "");
}

// The answer is being set when an offer comes right behind it: that is no collision.
TEST_F(Glare, IsNotSeenInAnOfferThatFollowsAnAnswer) {
  std::vector<PeerEvent> held;
  const auto deliver = pair_.answerer.deliver;
  pair_.answerer.deliver = [&](const PeerEvent& event) { held.push_back(event); };
  pair_.offerer->restartIce();
  ASSERT_TRUE(waitForMore<LocalDescription>(pair_.answerer, 1));
  pair_.answerer->restartIce();
  ASSERT_TRUE(waitForMore<LocalDescription>(pair_.answerer, 2));
  pair_.answerer.deliver = deliver;
  for (const PeerEvent& event : held)
    deliver(event);
  EXPECT_EQ(ignored_, 0);
  ASSERT_TRUE(waitFor([this] { return !pair_.answerer->isOffering(); }, 5s)) << pair_.story();
  EXPECT_TRUE(isRestarted(pair_, 1, 1)) << pair_.story();
  EXPECT_TRUE(mediaFlows(pair_, 60));
}

// What both made of each other's descriptions before is no hindrance to giving one up.
TEST_F(Restart, IsGivenUpForOneOfTheFarEndWhoeverOfferedBefore) {
  for (TestPeer* before : {&pair_.answerer, &pair_.offerer, &pair_.answerer}) {
    ASSERT_TRUE(restart(pair_, *before)) << pair_.story();
    const auto deliver = pair_.offerer.deliver;
    pair_.offerer.deliver = [&](const PeerEvent& event) {
      const auto* local = std::get_if<LocalDescription>(&event.body);
      if (!local || local->type != SdpType::kOffer)
        deliver(event);
    };
    const std::size_t told = pair_.offerer.all<LocalDescription>().size();
    pair_.offerer->restartIce();
    ASSERT_TRUE(waitForMore<LocalDescription>(pair_.offerer, told)) << pair_.story();
    ASSERT_TRUE(restart(pair_, pair_.answerer)) << pair_.story();
    pair_.offerer.deliver = deliver;
    EXPECT_EQ(pair_.offerer.failure() + pair_.answerer.failure(), "");
    ASSERT_TRUE(waitFor([this] { return !pair_.answerer->isOffering(); }, 5s));
  }
  EXPECT_TRUE(mediaFlows(pair_, 60));
}

TEST(FirstOffer, OfOursIsNotGivenUpForOneOfTheFarEnd) {
  PeerPair pair;
  pair.offerer.deliver = [](const PeerEvent&) {};
  pair.answerer.deliver = [](const PeerEvent&) {};
  pair.offerer->createOffer();
  pair.answerer->createOffer();
  ASSERT_TRUE(waitForMore<LocalDescription>(pair.offerer, 0));
  const auto refused = pair.answerer->setRemoteDescription(
      SdpType::kOffer, pair.offerer.all<LocalDescription>().front().sdp);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().what, HasSubstr("cannot be given up"));
}

TEST_F(Restart, FollowsAChangeOfAddress) {
  pair_.offerer->changeAddress("127.0.0.2");
  ASSERT_TRUE(waitForMore<MediaSilent>(pair_.answerer, 0));
  pair_.offerer->setNetwork({});  // brings no dead socket back
  ASSERT_TRUE(restart(pair_, pair_.offerer)) << pair_.story();
  EXPECT_THAT(pair_.offerer.all<IcePairSelected>().back().local.address, StartsWith("127.0.0.2:"));
  EXPECT_TRUE(waitForMore<MediaBack>(pair_.answerer, 0));
  EXPECT_TRUE(mediaFlows(pair_));
}

TEST(ChangeOfAddress, WhileItConnectsIsLeftByARestart) {
  for (const auto mover : {&PeerPair::offerer, &PeerPair::answerer}) {
    PeerPair pair;
    TestPeer& moves = pair.*mover;
    bool has_moved = false;
    pair.offerer->createOffer();
    EXPECT_TRUE(waitFor(
        [&] {
          if (!has_moved && !moves.all<LocalDescription>().empty()) {
            has_moved = true;
            moves->changeAddress("127.0.0.2");
            moves->restartIce();
          }
          return has_moved && pair.isConnected();
        },
        10s))
        << pair.story();
    EXPECT_TRUE(pair.waitForMedia()) << pair.story();
    EXPECT_EQ(pair.offerer.failure() + pair.answerer.failure(), "");
  }
}

struct Resources {
  long threads, fds;
  static Resources now() {
    const auto count = [](const char* path) {
      const std::filesystem::directory_iterator entries(path);
      return static_cast<long>(std::distance(begin(entries), end(entries)));
    };
    return {count("/proc/self/task"), count("/proc/self/fd")};
  }
};

TEST_F(Restart, FiftyTimesLeavesNothingBehind) {
  ASSERT_TRUE(restart(pair_, pair_.offerer)) << pair_.story();
  const auto isLean = [] { return IceAgent::liveCount() == 2; };
  ASSERT_TRUE(waitFor(isLean, 5s));
  ASSERT_TRUE(mediaFlows(pair_, 60));
  const Resources before = Resources::now();
  for (int round = 0; round < 50; ++round) {
    ASSERT_TRUE(restart(pair_, round % 2 ? pair_.offerer : pair_.answerer)) << pair_.story();
    ASSERT_TRUE(waitFor(
        [this] { return !pair_.offerer->isOffering() && !pair_.answerer->isOffering(); }, 5s));
  }
  const auto isBack = [&before] {
    return Resources::now().fds <= before.fds && Resources::now().threads <= before.threads + 2;
  };
  EXPECT_TRUE(waitFor(isBack, 5s)) << Resources::now().fds - before.fds << " fds, "
                                   << Resources::now().threads - before.threads << " threads";
  EXPECT_TRUE(mediaFlows(pair_));
}

}  // namespace
}  // namespace turnout
