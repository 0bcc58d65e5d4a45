// Host candidates over loopback: two agents under two webrtcbins.
#include "tests/support/webrtc_pair.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

class HostPair : public testing::TestWithParam<Nomination> {
 protected:
  Loop loop_;
  IceThreads threads_;
};

TEST_P(HostPair, ConnectsAndCarriesMedia) {
  IceConfig config = loopbackIce();
  config.profile.nomination = GetParam();
  WebrtcPair pair(loop_, threads_, config, config);
  ASSERT_TRUE(pair.connect());
  EXPECT_EQ(pair.left().pair()->local.type, CandidateType::kHost);
  EXPECT_EQ(pair.left().pair()->local.address, pair.right().pair()->remote.address);
  EXPECT_TRUE(pair.mediaFlows());
}

INSTANTIATE_TEST_SUITE_P(BothNominations, HostPair,
                         testing::Values(Nomination::kAggressive, Nomination::kRegular));

}  // namespace
}  // namespace turnout
