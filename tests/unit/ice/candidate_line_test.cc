#include "pipelines/ice/ice_candidate.h"

#include <gtest/gtest.h>

namespace turnout {
namespace {

TEST(CandidateLine, SaysTypeProtocolAndAddress) {
  const auto info = readCandidateLine(
      "candidate:5 1 UDP 2013266431 192.0.2.1 5001 typ relay raddr 10.0.0.1 rport 4000");
  EXPECT_EQ(info.type, CandidateType::kRelay);
  EXPECT_EQ(info.protocol, "udp");
  EXPECT_EQ(info.address, "192.0.2.1:5001");
}

// As the agent writes its own (RFC 5952), so that both ends of a pair are found in a log.
TEST(CandidateLine, OfIpv6IsInBracketsAndShortest) {
  for (const char* host : {"2001:db8::7", "2001:DB8:0:0:0:0:0:7", "2001:0db8::0007"})
    EXPECT_EQ(readCandidateLine(std::string("candidate:1 1 udp 1 ") + host + " 9 typ host").address,
              "[2001:db8::7]:9");
}

TEST(CandidateLine, OfAnMdnsNameKeepsIt) {
  EXPECT_EQ(readCandidateLine("candidate:1 1 udp 1 1f4712db.local 9 typ host").address,
            "1f4712db.local:9");
}

TEST(CandidateLine, ThatIsBrokenIsNoTrouble) {
  EXPECT_EQ(readCandidateLine("").address, ":");
  EXPECT_EQ(readCandidateLine("candidate:1 1").type, CandidateType::kHost);
}

TEST(CandidateLine, NamesItsGeneration) {
  const std::string line = "candidate:1 1 udp 1 127.0.0.1 9 typ host";
  EXPECT_EQ(candidateUfrag(line), "");
  EXPECT_EQ(candidateUfrag(line + " ufrag a+/b"), "a+/b");
  EXPECT_EQ(candidateUfrag(line + " generation 0 ufrag ab12 network-cost 999"), "ab12");
}

}  // namespace
}  // namespace turnout
