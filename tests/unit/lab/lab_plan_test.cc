#include "pipelines/lab/lab_plan.h"

#include <set>

namespace turnout {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::vector<SiteSpec> kSites{{.name = "a", .nat = NatKind::kPortRestricted},
                                   {.name = "b", .nat = NatKind::kPublic},
                                   {.name = "c", .nat = NatKind::kCgnat}};

std::string pathOf(const Node& node) {
  return "/ns/" + std::to_string(static_cast<int>(node.kind)) + "." + std::to_string(node.site);
}

TEST(SiteTest, WordsReadBackAndNothingElseDoes) {
  for (const NatKind kind : allNatKinds())
    EXPECT_EQ(natKind(toString(kind)), kind);
  for (const FirewallKind kind : allFirewallKinds())
    EXPECT_EQ(firewallKind(toString(kind)), kind);
  for (const FirewallAction action : {FirewallAction::kDrop, FirewallAction::kReject})
    EXPECT_EQ(firewallAction(toString(action)), action);
  EXPECT_EQ(natKind("Symmetric"), std::nullopt);
  EXPECT_EQ(firewallKind(""), std::nullopt);
}

TEST(SiteTest, IsNamedByPresetOrNat) {
  ASSERT_TRUE(siteNamed("mobile_hotspot"));
  EXPECT_EQ(siteNamed("mobile_hotspot")->nat, NatKind::kSymmetric);
  ASSERT_TRUE(siteNamed("full_cone"));
  EXPECT_EQ(siteNamed("full_cone")->nat, NatKind::kFullCone);
  EXPECT_FALSE(siteNamed("moon"));
  std::set<std::string> names;
  for (const std::string& word : siteWords())
    EXPECT_TRUE(siteNamed(word) && names.insert(word).second) << word;
}

// RFC 5128 3.3 and what follows of RFC 8445: nothing in between is known to fail.
TEST(SiteTest, OnlyTwoMovingPortsOrOneAndAStrictFilterNeedARelay) {
  using enum NatKind;
  for (const NatKind one : allNatKinds())
    for (const NatKind other : allNatKinds()) {
      const auto moves = [](NatKind kind) {
        return kind == kSymmetric || kind == kSymmetricSequential;
      };
      const auto isStrict = [](NatKind kind) { return kind == kPortRestricted || kind == kCgnat; };
      const bool fails = (moves(one) && moves(other)) || (moves(one) && isStrict(other)) ||
                         (isStrict(one) && moves(other));
      EXPECT_EQ(canMeet(one, other), !fails) << toString(one) << " " << toString(other);
    }
}

TEST(SiteTest, FirewallsOpenWhatTheirNameSays) {
  using enum FirewallKind;
  const auto passage = [](FirewallKind kind, WayOut way) {
    return passageOf(kind, FirewallAction::kDrop, way);
  };
  for (const WayOut way : allWaysOut())
    EXPECT_EQ(passage(kNone, way), Passage::kOpen);
  EXPECT_EQ(passage(kNoUdp, WayOut::kUdp), Passage::kSilent);
  EXPECT_EQ(passage(kNoUdp, WayOut::kTcpOther), Passage::kOpen);
  EXPECT_EQ(passage(kWebOnly, WayOut::kTcp80), Passage::kOpen);
  EXPECT_EQ(passage(kWebOnly, WayOut::kTcpOther), Passage::kSilent);
  EXPECT_EQ(passage(kTls443Only, WayOut::kTcp80), Passage::kSilent);
  EXPECT_EQ(passage(kTls443Only, WayOut::kTcp443), Passage::kOpen);
  EXPECT_EQ(passage(kTls443Dpi, WayOut::kTcp443), Passage::kRefused);
  EXPECT_EQ(passage(kTls443Dpi, WayOut::kTls443), Passage::kOpen);
  EXPECT_EQ(passageOf(kNoUdp, FirewallAction::kReject, WayOut::kUdp), Passage::kRefused);
}

TEST(LabPlanTest, AddressesAreOfOneSiteEach) {
  std::set<std::string> seen;
  for (std::size_t i = 0; i < kMostSites; ++i) {
    const SiteAddresses addresses = addressesOf(i, NatKind::kCgnat);
    for (const std::string& each : {addresses.public_address, addresses.host, addresses.lan_gateway,
                                    addresses.carrier_gateway, addresses.behind_carrier})
      EXPECT_TRUE(seen.insert(each).second) << i << ": " << each;
  }
  const SiteAddresses open = addressesOf(4, NatKind::kPublic);
  EXPECT_EQ(open.host, open.public_address);
}

TEST(LabPlanTest, ACarriersNatIsANodeOfItsOwn) {
  const std::vector<Node> nodes = nodesOf(kSites);
  EXPECT_EQ(nodes.size(), 2U + 2 + 2 + 3);
  EXPECT_EQ(nodes.back(), (Node{NodeKind::kCarrier, 2}));
  EXPECT_TRUE(translates({NodeKind::kCarrier, 2}, kSites));
  EXPECT_TRUE(translates({NodeKind::kRouter, 2}, kSites));
  EXPECT_FALSE(translates({NodeKind::kRouter, 1}, kSites));
}

TEST(LabPlanTest, LinksJoinEveryNodeOnce) {
  const std::string batch = linkBatch(kSites, pathOf);
  EXPECT_EQ(std::count(batch.begin(), batch.end(), '\n'), 1 + 2 + 2 + 3);
  EXPECT_THAT(batch, HasSubstr("link add s1 address 02:01:00:00:00:00 netns " +
                               pathOf({NodeKind::kInternet}) +
                               " type veth peer name wan0 address 02:02:00:00:00:00 netns " +
                               pathOf({NodeKind::kRouter, 0}) + "\n"));
  EXPECT_THAT(batch, HasSubstr("link add lan0 address 02:05:00:00:00:02 netns " +
                               pathOf({NodeKind::kCarrier, 2}) +
                               " type veth peer name wan0 address 02:03:00:00:00:02 netns " +
                               pathOf({NodeKind::kRouter, 2}) + "\n"));
}

TEST(LabPlanTest, ALineStandsBetweenItsSiteAndTheInternet) {
  std::vector<SiteSpec> sites = kSites;
  sites[2].down.delay = 5ms;
  EXPECT_EQ(nodesOf(sites).size(), nodesOf(kSites).size() + 1);
  const std::string batch = linkBatch(sites, pathOf);
  const std::string lines = pathOf({NodeKind::kLines});
  EXPECT_THAT(batch, HasSubstr("link add s3 address 02:01:00:00:00:02 netns " +
                               pathOf({NodeKind::kInternet}) + " type veth peer name a3"));
  EXPECT_THAT(batch, HasSubstr("link add b3 address 02:08:00:00:00:02 netns " + lines +
                               " type veth peer name wan0 address 02:02:00:00:00:02 netns " +
                               pathOf({NodeKind::kCarrier, 2})));
  EXPECT_THAT(nodeBatch({NodeKind::kLines}, sites), HasSubstr("link set a3 up\nlink set b3 up\n"));
}

// A sender must not be told that there is no way: real networks are silent.
TEST(LabPlanTest, TheInternetSwallowsWhatItDoesNotKnow) {
  EXPECT_THAT(nodeBatch({NodeKind::kInternet}, kSites), HasSubstr("route add blackhole default\n"));
  EXPECT_THAT(nodeBatch({NodeKind::kServices}, kSites),
              HasSubstr("route add default via 198.51.100.1 dev wan0 onlink"));
}

TEST(LabPlanTest, EveryNeighbourIsPermanent) {
  for (const Node& node : nodesOf(kSites)) {
    const std::string batch = nodeBatch(node, kSites);
    EXPECT_THAT(batch, HasSubstr("nud permanent"));
    EXPECT_THAT(batch, HasSubstr("link set lo up"));
  }
  EXPECT_THAT(nodeBatch({NodeKind::kHost, 0}, kSites),
              HasSubstr("neigh replace 10.77.0.1 lladdr 02:04:00:00:00:00 dev eth0 nud permanent"));
}

TEST(LabPlanTest, APublicHostHasTheAddressThatTheInternetKnows) {
  EXPECT_THAT(nodeBatch({NodeKind::kHost, 1}, kSites), HasSubstr("addr add 198.51.100.11/32"));
  EXPECT_THAT(nodeBatch({NodeKind::kInternet}, kSites), HasSubstr("route add 198.51.100.11/32"));
  EXPECT_THAT(nodeBatch({NodeKind::kRouter, 1}, kSites),
              HasSubstr("route replace 198.51.100.11/32 dev lan0"));
}

// The trap that RFC 5780's tests do not see: rules of all that translate keep the uninvited from the
// router itself.
TEST(LabPlanTest, EveryNatDropsTheUninvited) {
  for (const NatKind kind : allNatKinds()) {
    const std::string rules = natRules(kind, "198.51.100.10");
    EXPECT_THAT(rules, ::testing::StartsWith("table ip lab_nat\ndelete table ip lab_nat\n"));
    if (kind == NatKind::kPublic)
      continue;
    EXPECT_THAT(rules, HasSubstr("type filter hook input priority filter\n"
                                 "    iifname \"wan0\" ct state new drop"));
  }
}

TEST(LabPlanTest, OnlyConesKeepMappings) {
  EXPECT_THAT(natRules(NatKind::kFullCone, ""), HasSubstr("@mappings"));
  EXPECT_THAT(natRules(NatKind::kFullCone, ""), Not(HasSubstr("@written_to")));
  EXPECT_THAT(natRules(NatKind::kAddressRestricted, ""), HasSubstr("ip saddr @written_to dnat"));
  EXPECT_THAT(natRules(NatKind::kPortRestricted, ""), Not(HasSubstr("@mappings")));
  EXPECT_THAT(natRules(NatKind::kSymmetric, ""), HasSubstr("fully-random"));
  EXPECT_THAT(natRules(NatKind::kSymmetricSequential, "198.51.100.7"),
              HasSubstr("snat ip to 198.51.100.7 : numgen inc"));
}

TEST(LabPlanTest, RejectingIsTold) {
  EXPECT_THAT(firewallRules(FirewallKind::kNoUdp, FirewallAction::kReject),
              HasSubstr("ip protocol udp reject with icmp type admin-prohibited\n"));
  EXPECT_THAT(firewallRules(FirewallKind::kNoUdp, FirewallAction::kDrop),
              HasSubstr("ip protocol udp drop\n"));
  EXPECT_EQ(firewallRules(FirewallKind::kNone, FirewallAction::kDrop),
            "table ip lab_firewall\ndelete table ip lab_firewall\n");
}

}  // namespace
}  // namespace turnout
