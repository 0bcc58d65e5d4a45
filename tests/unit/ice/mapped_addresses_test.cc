#include "pipelines/ice/servers/server_outcomes.h"

#include <gtest/gtest.h>

namespace turnout {
namespace {

TEST(MappedAddresses, ABindingAnswerIsOursWhenItsAddressIsOneOfOurs) {
  MappedAddresses mapped;
  mapped.onBinding("198.51.100.1:1000");  // another agent's
  mapped.onCandidate("192.0.2.1:2000");
  EXPECT_EQ(mapped.fromBinding(), "");
  mapped.onBinding("192.0.2.1:2000");  // no NAT: equal to the host candidate, which libnice hides
  EXPECT_EQ(mapped.fromBinding(), "192.0.2.1:2000");
}

TEST(MappedAddresses, ABindingAnswerMayComeBeforeItsCandidate) {
  MappedAddresses mapped;
  mapped.onBinding("198.51.100.1:1000");
  EXPECT_FALSE(mapped.isFromBinding("198.51.100.1:1000"));
  mapped.onCandidate("198.51.100.1:1000");
  EXPECT_TRUE(mapped.isFromBinding("198.51.100.1:1000"));
}

TEST(MappedAddresses, AnAllocationNamesTheServerThatToldTheAddressFirst) {
  MappedAddresses mapped;
  mapped.onAllocation("198.51.100.1:1000", "turn:a");
  mapped.onAllocation("198.51.100.1:1000", "turn:b");
  EXPECT_EQ(mapped.turnUrl("198.51.100.1:1000"), "turn:a");
  EXPECT_EQ(mapped.turnUrl("198.51.100.1:1001"), "");
}

}  // namespace
}  // namespace turnout
