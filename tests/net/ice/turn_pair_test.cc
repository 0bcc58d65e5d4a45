// Relay-only agents through a real coturn, over each transport.
#include "tests/support/coturn.h"
#include "tests/support/udp_path.h"
#include "tests/support/webrtc_pair.h"

#include <algorithm>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using testing::StartsWith;

IceConfig relayOnly(std::vector<IceServer> servers) {
  IceConfig config = loopbackIce();
  config.relay_only = true;
  config.servers = std::move(servers);
  return config;
}

class TurnPair : public testing::TestWithParam<TurnTransport> {
 protected:
  Loop loop_;
  Coturn coturn_;  // outlives the threads, which wait for its last answers
  IceThreads threads_;
};

TEST_P(TurnPair, ConnectsAndSaysWhichServerItUses) {
  const IceServer server = coturn_.server(GetParam());
  WebrtcPair pair(loop_, threads_, relayOnly({server}), loopbackIce());
  ASSERT_TRUE(pair.connect());
  const IceCandidateInfo local = pair.left().pair()->local;
  EXPECT_EQ(local.type, CandidateType::kRelay);
  EXPECT_EQ(local.relay_protocol, toString(GetParam()));
  EXPECT_EQ(local.url, server.url);
  EXPECT_THAT(local.address, StartsWith("127.0.0.1:"));
  EXPECT_TRUE(pair.mediaFlows());
  const auto outcomes = pair.left().events<IceServerOutcome>();
  ASSERT_EQ(outcomes.size(), 1u);
  EXPECT_EQ(outcomes[0].error_code, 0) << outcomes[0].error_text;
  EXPECT_EQ(outcomes[0].address, local.address);
}

TEST_P(TurnPair, NamesTheRightOneOfSeveralServers) {
  const Coturn second;
  IceServer wrong = coturn_.server(GetParam());
  wrong.credential = Secret("wrong");
  const IceServer unknown = turnServer("turn:no-such-host.invalid", "bot", "botpw");
  const IceServer good = second.server(GetParam());
  WebrtcPair pair(loop_, threads_, relayOnly({unknown, wrong, good}), loopbackIce());
  ASSERT_TRUE(pair.connect());
  EXPECT_EQ(pair.left().pair()->local.url, good.url);
  ASSERT_TRUE(pair.run([&] { return pair.left().events<IceServerOutcome>().size() >= 3; }, 10s));
  std::map<std::string, int> codes;
  for (const auto& outcome : pair.left().events<IceServerOutcome>())
    codes[outcome.url] = outcome.error_code;
  const std::map<std::string, int> expected{{unknown.url, 701}, {wrong.url, 401}, {good.url, 0}};
  EXPECT_EQ(codes, expected);
}

TEST_P(TurnPair, ConnectsThroughARelayOfTheFamilyThatItAsksFor) {
  const Coturn both({.extra = {"relay-ip=::1"}});
  IceServer server = both.server(GetParam());
  server.relay_family = RelayFamily::kIpv6;
  IceConfig other = loopbackIce();
  other.local_addresses = {"127.0.0.1", "::1"};
  WebrtcPair pair(loop_, threads_, relayOnly({server}), other);
  ASSERT_TRUE(pair.connect());
  EXPECT_THAT(pair.left().pair()->local.address, StartsWith("[::1]:"));
  EXPECT_TRUE(pair.mediaFlows());
  server = coturn_.server(GetParam());
  server.relay_family = RelayFamily::kIpv6;
  WebrtcPair none(loop_, threads_, relayOnly({server}), other);
  EXPECT_FALSE(none.connect(1s));
  ASSERT_EQ(none.left().events<IceServerOutcome>().size(), 1u);
  EXPECT_EQ(none.left().events<IceServerOutcome>()[0].error_code, 440);
}

TEST_P(TurnPair, DoesNotConnectWithoutAnAllocation) {
  IceServer wrong = coturn_.server(GetParam());
  wrong.credential = Secret("wrong");
  WebrtcPair pair(loop_, threads_, relayOnly({wrong}), loopbackIce());
  EXPECT_FALSE(pair.connect(1s));
  EXPECT_FALSE(pair.left().pair());
}

TEST_P(TurnPair, ConnectsThroughTwoRelays) {
  const IceServer server = coturn_.server(GetParam());
  WebrtcPair pair(loop_, threads_, relayOnly({server}), relayOnly({server}));
  ASSERT_TRUE(pair.connect());
  EXPECT_EQ(pair.left().pair()->local.type, CandidateType::kRelay);
  EXPECT_EQ(pair.right().pair()->local.type, CandidateType::kRelay);
  EXPECT_TRUE(pair.mediaFlows());
}

// A second to the server and back: longer than many a timer.
TEST(SlowTurn, ConnectsThroughTwoRelaysThatAreFarAway) {
  Loop loop;
  const Coturn coturn;
  SlowPath path(loop, coturn.server(TurnTransport::kUdp).port, 500ms);
  IceThreads threads;
  const IceServer server = turnServer(
      "turn:127.0.0.1:" + std::to_string(path.port()) + "?transport=udp", "bot", "botpw");
  WebrtcPair pair(loop, threads, relayOnly({server}), relayOnly({server}));
  EXPECT_TRUE(pair.connect(20s));
}

// The first check is on its way before the server said that it made the permission.
TEST(SlowTurn, ChecksDoNotWaitForThePermission) {
  constexpr unsigned kSend = 0x0016, kPermissionMade = 0x0108;  // RFC 8656 17
  Loop loop;
  const Coturn coturn;
  SlowPath path(loop, coturn.server(TurnTransport::kUdp).port, 30ms);
  IceThreads threads;
  const IceServer server = turnServer(
      "turn:127.0.0.1:" + std::to_string(path.port()) + "?transport=udp", "bot", "botpw");
  WebrtcPair pair(loop, threads, relayOnly({server}), loopbackIce());
  ASSERT_TRUE(pair.connect());
  const auto first = [&path](unsigned type) {
    return std::find_if(path.seen().begin(), path.seen().end(),
                        [type](const auto& packet) { return packet.type == type; });
  };
  ASSERT_NE(first(kPermissionMade), path.seen().end());
  EXPECT_LT(first(kSend), first(kPermissionMade));
}

INSTANTIATE_TEST_SUITE_P(EachTransport, TurnPair,
                         testing::Values(TurnTransport::kUdp, TurnTransport::kTcp,
                                         TurnTransport::kTls),
                         [](const auto& each) { return std::string(toString(each.param)); });

}  // namespace
}  // namespace turnout
