// Relay-only agents through a real coturn, over each transport.
#include "tests/support/coturn.h"
#include "tests/support/webrtc_pair.h"

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
  IceThreads threads_;
};

TEST_P(TurnPair, ConnectsAndSaysWhichServerItUses) {
  const Coturn coturn;
  ASSERT_TRUE(coturn.isRunning());
  const IceServer server = coturn.server(GetParam());
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

INSTANTIATE_TEST_SUITE_P(EachTransport, TurnPair,
                         testing::Values(TurnTransport::kUdp, TurnTransport::kTcp,
                                         TurnTransport::kTls),
                         [](const auto& each) { return std::string(toString(each.param)); });

}  // namespace
}  // namespace turnout
