// Two real peers over 127.0.0.1.
#include "tests/media/peer/peer_pair.h"

#include <gtest/gtest.h>

namespace turnout {
namespace {

TEST(Connect, AudioAndVideoFlowBothWays) {
  PeerPair pair;
  ASSERT_TRUE(pair.connect()) << pair.story();
  EXPECT_TRUE(pair.waitForMedia()) << pair.story();
}

}  // namespace
}  // namespace turnout
