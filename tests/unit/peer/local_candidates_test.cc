#include "pipelines/peer/local_candidates.h"

#include <gtest/gtest.h>

namespace turnout {
namespace {

IceCandidateInfo relay(const std::string& address, const std::string& url) {
  return {CandidateType::kRelay, "udp", address, "tcp", url};
}

TEST(LocalCandidates, ATextGetsWhatTheAgentSaidOfIt) {
  LocalCandidates candidates;
  candidates.described(relay("192.0.2.1:5000", "turn:one.example"));
  candidates.described(relay("192.0.2.1:5001", "turn:two.example"));
  const auto info = candidates.told(
      "candidate:5 1 UDP 2013266431 192.0.2.1 5001 typ relay raddr 10.0.0.1 rport 4000");
  EXPECT_EQ(info.url, "turn:two.example");
  EXPECT_EQ(info.relay_protocol, "tcp");
}

TEST(LocalCandidates, WithoutTheAgentsWordTheTextSpeaksForItself) {
  LocalCandidates candidates;
  const auto info =
      candidates.told("candidate:1 1 UDP 1 198.51.100.7 9 typ srflx raddr 10.0.0.1 rport 4000");
  EXPECT_EQ(info.type, CandidateType::kServerReflexive);
  EXPECT_EQ(info.protocol, "udp");
  EXPECT_EQ(info.address, "198.51.100.7:9");
  EXPECT_EQ(info.url, "");
}

TEST(LocalCandidates, AnIpv6AddressIsInBrackets) {
  LocalCandidates candidates;
  EXPECT_EQ(candidates.told("candidate:1 1 UDP 1 2001:db8::1 9 typ host").address,
            "[2001:db8::1]:9");
}

TEST(LocalCandidates, BrokenTextIsNoTrouble) {
  LocalCandidates candidates;
  EXPECT_EQ(candidates.told("").address, ":");
  EXPECT_EQ(candidates.told("candidate:1 1").type, CandidateType::kHost);
}

TEST(LocalCandidates, GatheringIsDoneOnceAndAfterTheLastCandidateWasTold) {
  LocalCandidates candidates;
  EXPECT_FALSE(candidates.takeDone());
  candidates.described({CandidateType::kHost, "udp", "127.0.0.1:9", "", ""});
  candidates.gathered();
  EXPECT_FALSE(candidates.takeDone()) << "one was described but not told";
  candidates.told("candidate:1 1 UDP 1 127.0.0.1 9 typ host");
  EXPECT_TRUE(candidates.takeDone());
  EXPECT_FALSE(candidates.takeDone());
}

}  // namespace
}  // namespace turnout
