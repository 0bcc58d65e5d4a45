// What a TURN server sees of an agent that leaves.
#include "tests/support/coturn.h"
#include "tests/support/webrtc_pair.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using testing::HasSubstr;
using testing::Not;

class Leaving : public testing::TestWithParam<TurnTransport> {
 protected:
  // Connects through the relay, then the left side leaves; gives the server's log.
  std::string logAfter(Leave leave) {
    IceConfig config = loopbackIce();
    config.relay_only = true;
    config.servers = {coturn_.server(GetParam())};
    const unsigned before = IceAgent::liveCount();
    WebrtcPair pair(loop_, threads_, config, loopbackIce());
    EXPECT_TRUE(pair.connect());
    pair.left().setLeave(leave);
    const Instant start = now();
    pair.dropLeft();
    took_ = now() - start;
    EXPECT_TRUE(allAgentsAreGone(loop_, before + 1));  // the right side
    return coturn_.log();
  }

  Loop loop_;
  Coturn coturn_;
  IceThreads threads_;
  Duration took_{};
};

TEST_P(Leaving, CleanlyReleasesTheAllocation) {
  EXPECT_THAT(logAfter(Leave::kClean),
              HasSubstr("refreshed, realm=<turnout.test>, username=<bot>, lifetime=0"));
}

TEST_P(Leaving, AbruptlySendsNothing) {
  EXPECT_THAT(logAfter(Leave::kAbrupt), Not(HasSubstr("lifetime=0")));
}

TEST_P(Leaving, DoesNotHoldTheOwnerUp) {
  logAfter(Leave::kClean);
  EXPECT_LT(took_, 250ms);  // webrtcbin's own teardown, on a busy machine
}

INSTANTIATE_TEST_SUITE_P(EachTransport, Leaving,
                         testing::Values(TurnTransport::kUdp, TurnTransport::kTcp,
                                         TurnTransport::kTls),
                         [](const auto& each) { return std::string(toString(each.param)); });

}  // namespace
}  // namespace turnout
