// Descriptions that are wrong, and what becomes of the peer that was given them.
#include "tests/media/peer/peer_pair.h"

#include <gtest/gtest.h>

namespace turnout {
namespace {

// An offer of this tool's own, from a peer that is then closed.
std::string ownOffer() {
  TestPeer peer(testFactory(), loopbackConfig("author"));
  peer->createOffer();
  EXPECT_TRUE(waitFor([&peer] { return !peer.all<LocalDescription>().empty(); }, 5s));
  return peer.all<LocalDescription>()[0].sdp;
}

std::string without(std::string sdp, const std::string& line) {
  for (std::size_t at = 0; (at = sdp.find(line)) != std::string::npos;)
    sdp.erase(at, sdp.find('\n', at) + 1 - at);
  return sdp;
}

TEST(Refusal, ARefusedOfferDoesNoHarm) {
  const std::string offer = ownOffer();
  TestPeer peer(testFactory(), loopbackConfig("answerer"));
  for (const char* line :
       {"a=mid:", "a=ice-ufrag:", "a=ice-pwd:", "a=fingerprint:", "a=setup:", "a=group:", "m="})
    EXPECT_FALSE(peer->setRemoteDescription(SdpType::kOffer, without(offer, line))) << line;
  EXPECT_FALSE(peer->setRemoteDescription(SdpType::kAnswer, offer));
  EXPECT_TRUE(peer.events.empty());

  EXPECT_TRUE(peer->setRemoteDescription(SdpType::kOffer, offer)) << "it takes a good one still";
  EXPECT_TRUE(waitFor([&peer] { return !peer.all<LocalDescription>().empty(); }, 5s));
}

TEST(Refusal, AnAnswerNobodyAskedForFailsThePeerWithAReason) {
  std::string answer = ownOffer();
  for (std::size_t at; (at = answer.find("actpass")) != std::string::npos;)
    answer.replace(at, 7, "active");
  TestPeer peer(testFactory(), loopbackConfig("answerer"));
  EXPECT_TRUE(peer->setRemoteDescription(SdpType::kAnswer, answer));
  ASSERT_TRUE(waitFor([&peer] { return !peer.failure().empty(); }, 5s));
}

TEST(Refusal, BrokenCandidatesDoNoHarm) {
  PeerPair pair;
  for (const std::string& candidate :
       {std::string("candidate:"), std::string("nonsense"), std::string(5'000, 'x'),
        std::string("candidate:1 1 UDP 1 127.0.0.1 99999 typ host"), std::string("\xff\xfe"),
        std::string("candidate:1 1 UDP 1 127.0.0.1 9 typ host\r\na=mid:0")}) {
    pair.offerer->addRemoteCandidate(7, candidate);
    pair.answerer->addRemoteCandidate(0, candidate);
  }
  EXPECT_TRUE(pair.connect()) << pair.story();
}

}  // namespace
}  // namespace turnout
