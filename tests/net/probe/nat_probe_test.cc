// NAT behaviour where there is no NAT: coturn on two loopback addresses does RFC 5780.
#include "tests/net/probe/probe_run.h"
#include "tests/support/coturn.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

TEST(NatProbe, FindsMappingAndFilteringByAServerWithTwoAddresses) {
  const Coturn coturn(
      {.extra = {"listening-ip=127.0.0.2", "alt-listening-port=" + std::to_string(freePort())}});
  const NatReport nat = probe(std::vector{coturn.stunServer()}).nat;
  EXPECT_EQ(nat.is_translated, false);
  EXPECT_EQ(nat.mapping, NatRule::kEndpointIndependent);
  EXPECT_EQ(nat.filtering, NatRule::kEndpointIndependent);
  EXPECT_THAT(nat.mapped_addresses, ElementsAre(nat.local_address));
  EXPECT_THAT(nat.servers, SizeIs(3));
}

TEST(NatProbe, ComparesTwoServersWhenNoneHasTwoAddresses) {
  const Coturn one, other({.extra = {"no-rfc5780", "listening-ip=127.0.0.2"}});
  IceServer elsewhere = other.stunServer();
  elsewhere.host = "127.0.0.2";
  const NatReport nat = probe({one.stunServer(), elsewhere}).nat;
  EXPECT_EQ(nat.mapping, NatRule::kEndpointIndependent);
  EXPECT_FALSE(nat.filtering);
  EXPECT_THAT(nat.servers, SizeIs(2));
}

TEST(NatProbe, OfOneServerWithOneAddressTellsNoRule) {
  const Coturn coturn;
  const NatReport nat = probe(std::vector{coturn.stunServer()}).nat;
  EXPECT_EQ(nat.is_translated, false);
  EXPECT_FALSE(nat.mapping);
  EXPECT_FALSE(nat.filtering);
}

TEST(NatProbe, OfNobodyTellsNothing) {
  const NatReport nat =
      probe(std::vector{turnServer("turn:127.0.0.1:" + std::to_string(freePort()), "a", "b")}).nat;
  EXPECT_FALSE(nat.is_translated);
  EXPECT_THAT(nat.servers, SizeIs(0));
}

}  // namespace
}  // namespace turnout
