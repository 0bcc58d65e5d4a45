// A lab as text for `ip -batch` and `nft -f`: who has which address, link, route, rule. Pure.
//
//     host --eth0-- lan0 [router] wan0 --(lan0 [carrier] wan0)-- sN [internet] srv --wan0-- services
//
// A site with a line of its own has a place without addresses between it and the internet: lines
// (line.h), sN--aN, bN--wan0.
//
// The internet routes between public addresses and swallows all else without a word, as the real one
// does: a sender that got "no route" instead would see what it never sees outside (coturn 4.6.1 closes a
// client's session then). All neighbours are permanent: no ARP round trip in the times, no overflow of
// the kernel's one neighbour table.
#pragma once

#include "pipelines/lab/site.h"

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace turnout {

inline constexpr const char* kSignalingAddress = "203.0.113.10";
inline constexpr const char* kStunAddress = "203.0.113.20";       // and of TURN
inline constexpr const char* kOtherStunAddress = "203.0.113.21";  // RFC 5780 wants two
// Of the services, for a TURN server each: kStunAddress is the first.
inline constexpr std::size_t kMostTurnServers = 8;
std::string turnAddress(std::size_t number);

// Of the site with this number, 0..kMostSites-1.
struct SiteAddresses {
  std::string public_address;  // what the internet sees
  std::string host;            // what programs at the site see: the same when there is no NAT
  std::string lan_gateway;
  std::string carrier_gateway, behind_carrier;  // cgnat: of the carrier, of the site's router
};
SiteAddresses addressesOf(std::size_t number, NatKind nat);

enum class NodeKind { kInternet, kServices, kLines, kHost, kRouter, kCarrier };
struct Node {
  NodeKind kind;
  std::size_t site = 0;  // of the last three kinds

  bool operator==(const Node&) const = default;
  auto operator<=>(const Node&) const = default;
};
// Internet and services, the place of the lines when a site has one, then those of each site.
std::vector<Node> nodesOf(const std::vector<SiteSpec>& sites);
bool forwards(NodeKind kind);
// Of a site's line: its end at the internet, its end at the site, and what these are joined to.
struct LineDevices {
  std::string internet_end, site_end;  // in the place of the lines
  std::string internet;                // at the internet
  std::string outer;                   // at outerNode()
};
LineDevices lineDevicesOf(std::size_t site);
Node outerNode(std::size_t site, NatKind nat);  // its router, or its carrier's

// For the internet's `ip`: all links at once. `path`: a file that is the node's network namespace.
std::string linkBatch(const std::vector<SiteSpec>& sites,
                      const std::function<std::string(const Node&)>& path);
// For the node's own: addresses, routes, neighbours.
std::string nodeBatch(const Node& node, const std::vector<SiteSpec>& sites);

// Of a host whose address is there: its link up, the neighbour and the route that go with a link.
std::string hostLinkBatch(std::size_t site, NatKind nat);

// For `nft` in a router or carrier: the whole table, in place of the one that was there.
std::string outageRules();
std::string noOutageRules();
std::string natRules(NatKind kind, const std::string& public_address);
std::string firewallRules(FirewallKind kind, FirewallAction action);
// The NAT of a node that has one: of a cgnat site's carrier and of its router as well.
bool translates(const Node& node, const std::vector<SiteSpec>& sites);
std::string natRulesOf(const Node& node, const std::vector<SiteSpec>& sites);

}  // namespace turnout
