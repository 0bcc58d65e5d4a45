#include "pipelines/lab/lab_plan.h"

#include "pipelines/base/result.h"

#include <algorithm>
#include <cstdio>

namespace turnout {
namespace {

constexpr const char* kInternetAddress =
    "198.51.100.1";  // the gateway of everybody with a public one
constexpr std::size_t kPerNet = 200;

enum class End {  // of a link, in its hardware address
  kInternet = 1,
  kOuter,  // wan0 of the first behind the internet
  kRouterWan,
  kRouterLan,
  kCarrierLan,
  kHost,
  kServices,
  kLine,
};

std::string hardware(End end, std::size_t site = 0) {
  char text[18];
  std::snprintf(text, sizeof(text), "02:%02x:00:00:%02x:%02x", static_cast<unsigned>(end),
                static_cast<unsigned>(site >> 8U & 0xffU), static_cast<unsigned>(site & 0xffU));
  return text;
}

std::string dotted(unsigned a, std::size_t b, std::size_t c, std::size_t d) {
  return std::to_string(a) + "." + std::to_string(b) + "." + std::to_string(c) + "." +
         std::to_string(d);
}

std::vector<std::string> serviceAddresses() {
  std::vector<std::string> addresses{kSignalingAddress};
  for (std::size_t number = 0; number < kMostTurnServers; ++number)
    addresses.push_back(turnAddress(number));
  return addresses;
}

std::string device(std::size_t site) {
  return "s" + std::to_string(site + 1);
}

std::string neighbour(const std::string& address, const std::string& hardware_address,
                      const std::string& device) {
  return "neigh replace " + address + " lladdr " + hardware_address + " dev " + device +
         " nud permanent\n";
}

std::string linkLine(const std::string& device, const std::string& hardware_address,
                     const std::string& path, const std::string& peer,
                     const std::string& peer_hardware, const std::string& peer_path) {
  return "link add " + device + " address " + hardware_address + " netns " + path +
         " type veth peer name " + peer + " address " + peer_hardware + " netns " + peer_path +
         "\n";
}

std::string internetBatch(const std::vector<SiteSpec>& sites) {
  std::string text =
      "link set lo up\naddr add " + std::string(kInternetAddress) + "/32 dev lo\nlink set srv up\n";
  for (const std::string& address : serviceAddresses())
    text += "route add " + address + "/32 dev srv\n" +
            neighbour(address, hardware(End::kServices), "srv");
  for (std::size_t i = 0; i < sites.size(); ++i) {
    const std::string address = addressesOf(i, sites[i].nat).public_address;
    text += "link set " + device(i) + " up\nroute add " + address + "/32 dev " + device(i) + "\n" +
            neighbour(address, hardware(End::kOuter, i), device(i));
  }
  return text + "route add blackhole default\n";
}

std::string linesBatch(const std::vector<SiteSpec>& sites) {
  std::string text = "link set lo up\n";
  for (std::size_t i = 0; i < sites.size(); ++i)
    if (sites[i].hasLine()) {
      const LineDevices devices = lineDevicesOf(i);
      text += "link set " + devices.internet_end + " up\nlink set " + devices.site_end + " up\n";
    }
  return text;
}

std::string servicesBatch() {
  std::string text = "link set lo up\n";
  for (const std::string& address : serviceAddresses())
    text += "addr add " + address + "/32 dev wan0\n";
  return text + "link set wan0 up\n" +
         neighbour(kInternetAddress, hardware(End::kInternet), "wan0") + "route add default via " +
         kInternetAddress + " dev wan0 onlink src " + kSignalingAddress + "\n";
}

// What a router has on its two sides.
struct Sides {
  std::string address;  // empty: it has none outside
  std::string gateway, gateway_hardware;
  std::string lan_address;  // with its prefix
  std::string inner, inner_hardware;
};

std::string routerBatch(const Sides& sides) {
  std::string text = "link set lo up\n";
  if (!sides.address.empty())
    text += "addr add " + sides.address + "/32 dev wan0\n";
  text += "addr add " + sides.lan_address + " dev lan0\nlink set wan0 up\nlink set lan0 up\n";
  text += neighbour(sides.gateway, sides.gateway_hardware, "wan0");
  text += "route add default via " + sides.gateway + " dev wan0 onlink" +
          (sides.address.empty() ? "" : " src " + sides.address) + "\n";
  text += "route replace " + sides.inner + "/32 dev lan0\n";
  return text + neighbour(sides.inner, sides.inner_hardware, "lan0");
}

std::string routerBatch(std::size_t site, NatKind nat) {
  const SiteAddresses addresses = addressesOf(site, nat);
  const bool is_public = nat == NatKind::kPublic, has_carrier = nat == NatKind::kCgnat;
  return routerBatch({
      .address = is_public     ? ""
                 : has_carrier ? addresses.behind_carrier
                               : addresses.public_address,
      .gateway = has_carrier ? addresses.carrier_gateway : kInternetAddress,
      .gateway_hardware =
          has_carrier ? hardware(End::kCarrierLan, site) : hardware(End::kInternet, site),
      .lan_address = addresses.lan_gateway + (is_public ? "/32" : "/24"),
      .inner = addresses.host,
      .inner_hardware = hardware(End::kHost, site),
  });
}

std::string carrierBatch(std::size_t site) {
  const SiteAddresses addresses = addressesOf(site, NatKind::kCgnat);
  return routerBatch({.address = addresses.public_address,
                      .gateway = kInternetAddress,
                      .gateway_hardware = hardware(End::kInternet, site),
                      .lan_address = addresses.carrier_gateway + "/24",
                      .inner = addresses.behind_carrier,
                      .inner_hardware = hardware(End::kRouterWan, site)});
}

std::string hostBatch(std::size_t site, NatKind nat) {
  const SiteAddresses addresses = addressesOf(site, nat);
  return "link set lo up\naddr add " + addresses.host + (nat == NatKind::kPublic ? "/32" : "/24") +
         " dev eth0\n" + hostLinkBatch(site, nat);
}

// Who may come in through a NAT that keeps one mapping for all: `learn` notes each translated port.
// Behind source translation (srcnat is 100), so that the port outside is the key; not of answers to who
// came in, whose flow begins at the peer.
std::string coneRules(NatKind kind) {
  const bool asks_who = kind == NatKind::kAddressRestricted;
  std::string text =
      "  map mappings {\n    type inet_service : ipv4_addr . inet_service\n"
      "    flags dynamic,timeout\n    timeout 120s\n    size 65535\n  }\n";
  if (asks_who)
    text +=
        "  set written_to {\n    type inet_service . ipv4_addr\n    flags dynamic,timeout\n"
        "    timeout 120s\n    size 65535\n  }\n";
  text +=
      "  chain learn {\n    type filter hook postrouting priority 110\n"
      "    oifname \"wan0\" ip protocol udp ct direction original update @mappings "
      "{ udp sport : ct original ip saddr . ct original proto-src }\n";
  if (asks_who)
    text += "    oifname \"wan0\" ip protocol udp update @written_to { udp sport . ip daddr }\n";
  text +=
      "  }\n  chain inward {\n    type nat hook prerouting priority dstnat\n    iifname \"wan0\" ";
  text += asks_who ? "ip protocol udp udp dport . ip saddr @written_to" : "ip protocol udp";
  return text + " dnat ip to udp dport map @mappings\n  }\n";
}

std::string outwardRules(NatKind kind, const std::string& public_address) {
  constexpr const char* kPlain = "    oifname \"wan0\" masquerade\n";
  switch (kind) {
    case NatKind::kSymmetric:
      return std::string(
                 "    oifname \"wan0\" meta l4proto { tcp, udp } masquerade fully-random\n") +
             kPlain;
    case NatKind::kSymmetricSequential:
      return "    oifname \"wan0\" ip protocol udp snat ip to " + public_address +
             " : numgen inc mod 20000 offset 40000\n" + kPlain;
    case NatKind::kPublic:
    case NatKind::kFullCone:
    case NatKind::kAddressRestricted:
    case NatKind::kPortRestricted:
    case NatKind::kCgnat:
      break;
  }
  return kPlain;
}

std::string inPlaceOf(const std::string& table, const std::string& body) {
  return "table ip " + table + "\ndelete table ip " + table + "\ntable ip " + table + " {\n" +
         body + "}\n";
}

}  // namespace

std::string hostLinkBatch(std::size_t site, NatKind nat) {
  const SiteAddresses addresses = addressesOf(site, nat);
  return "link set eth0 up\n" +
         neighbour(addresses.lan_gateway, hardware(End::kRouterLan, site), "eth0") +
         "route replace default via " + addresses.lan_gateway + " dev eth0 onlink\n";
}

std::string outageRules() {
  return inPlaceOf(
      "lab_outage",
      "  chain nothing_passes {\n    type filter hook forward priority -300\n    drop\n  }\n");
}
std::string noOutageRules() {
  return "table ip lab_outage\ndelete table ip lab_outage\n";
}

std::string turnAddress(std::size_t number) {
  return dotted(203, 0, 113, 20 + number);
}

SiteAddresses addressesOf(std::size_t number, NatKind nat) {
  const std::size_t net = number / kPerNet, in_net = number % kPerNet + 10;
  SiteAddresses addresses;
  addresses.public_address = net == 0 ? dotted(198, 51, 100, in_net) : dotted(198, 18, net, in_net);
  addresses.lan_gateway = dotted(10, 77 + number / 256, number % 256, 1);
  addresses.host = nat == NatKind::kPublic ? addresses.public_address
                                           : dotted(10, 77 + number / 256, number % 256, 2);
  if (nat == NatKind::kCgnat) {  // the shared addresses of RFC 6598
    addresses.carrier_gateway = dotted(100, 64 + number / 256, number % 256, 1);
    addresses.behind_carrier = dotted(100, 64 + number / 256, number % 256, 2);
  }
  return addresses;
}

std::vector<Node> nodesOf(const std::vector<SiteSpec>& sites) {
  std::vector<Node> nodes{{NodeKind::kInternet}, {NodeKind::kServices}};
  if (std::ranges::any_of(sites, &SiteSpec::hasLine))
    nodes.push_back({NodeKind::kLines});
  for (std::size_t i = 0; i < sites.size(); ++i) {
    nodes.push_back({NodeKind::kHost, i});
    nodes.push_back({NodeKind::kRouter, i});
    if (sites[i].nat == NatKind::kCgnat)
      nodes.push_back({NodeKind::kCarrier, i});
  }
  return nodes;
}

LineDevices lineDevicesOf(std::size_t site) {
  const std::string number = std::to_string(site + 1);
  return {"a" + number, "b" + number, device(site), "wan0"};
}

Node outerNode(std::size_t site, NatKind nat) {
  return {nat == NatKind::kCgnat ? NodeKind::kCarrier : NodeKind::kRouter, site};
}

bool forwards(NodeKind kind) {
  return kind == NodeKind::kInternet || kind == NodeKind::kRouter || kind == NodeKind::kCarrier;
}

std::string linkBatch(const std::vector<SiteSpec>& sites,
                      const std::function<std::string(const Node&)>& path) {
  const std::string internet = path({NodeKind::kInternet});
  std::string text = linkLine("srv", hardware(End::kInternet), internet, "wan0",
                              hardware(End::kServices), path({NodeKind::kServices}));
  for (std::size_t i = 0; i < sites.size(); ++i) {
    const std::string router = path({NodeKind::kRouter, i});
    const bool has_carrier = sites[i].nat == NatKind::kCgnat;
    const std::string outer = path(outerNode(i, sites[i].nat));
    if (sites[i].hasLine()) {
      const LineDevices devices = lineDevicesOf(i);
      const std::string lines = path({NodeKind::kLines});
      text += linkLine(device(i), hardware(End::kInternet, i), internet, devices.internet_end,
                       hardware(End::kLine, i), lines);
      text += linkLine(devices.site_end, hardware(End::kLine, i), lines, "wan0",
                       hardware(End::kOuter, i), outer);
    } else {
      text += linkLine(device(i), hardware(End::kInternet, i), internet, "wan0",
                       hardware(End::kOuter, i), outer);
    }
    if (has_carrier)
      text += linkLine("lan0", hardware(End::kCarrierLan, i), outer, "wan0",
                       hardware(End::kRouterWan, i), router);
    text += linkLine("lan0", hardware(End::kRouterLan, i), router, "eth0", hardware(End::kHost, i),
                     path({NodeKind::kHost, i}));
  }
  return text;
}

std::string nodeBatch(const Node& node, const std::vector<SiteSpec>& sites) {
  switch (node.kind) {
    case NodeKind::kInternet:
      return internetBatch(sites);
    case NodeKind::kServices:
      return servicesBatch();
    case NodeKind::kLines:
      return linesBatch(sites);
    case NodeKind::kHost:
      return hostBatch(node.site, sites[node.site].nat);
    case NodeKind::kRouter:
      return routerBatch(node.site, sites[node.site].nat);
    case NodeKind::kCarrier:
      return carrierBatch(node.site);
  }
  return {};
}

// What nobody asked for is dropped before the router itself answers it: else a check of a peer that
// comes first becomes a flow of the router's own at that port, and the host's packet to that peer has to
// take another one: a port-restricted NAT that acts symmetric under ICE, unseen by RFC 5780's tests.
std::string natRules(NatKind kind, const std::string& public_address) {
  if (kind == NatKind::kPublic)
    return "table ip lab_nat\ndelete table ip lab_nat\n";
  std::string body;
  if (kind == NatKind::kFullCone || kind == NatKind::kAddressRestricted)
    body += coneRules(kind);
  body +=
      "  chain uninvited {\n    type filter hook input priority filter\n"
      "    iifname \"wan0\" ct state new drop\n  }\n"
      "  chain unmapped {\n    type filter hook forward priority filter\n"
      "    iifname \"wan0\" ct state new ct status & dnat == 0 drop\n  }\n"
      "  chain outward {\n    type nat hook postrouting priority srcnat\n";
  return inPlaceOf("lab_nat", body + outwardRules(kind, public_address) + "  }\n");
}

std::string firewallRules(FirewallKind kind, FirewallAction action) {
  const std::string closed =
      action == FirewallAction::kDrop ? "drop\n" : "reject with icmp type admin-prohibited\n";
  std::string rules;
  switch (kind) {
    case FirewallKind::kNone:
      return "table ip lab_firewall\ndelete table ip lab_firewall\n";
    case FirewallKind::kNoUdp:
      rules =
          "    ct state established,related accept\n    iifname \"lan0\" ip protocol udp " + closed;
      break;
    case FirewallKind::kWebOnly:
      rules =
          "    ct state established,related accept\n"
          "    iifname \"lan0\" tcp dport { 80, 443 } accept\n    iifname \"lan0\" " +
          closed;
      break;
    case FirewallKind::kTls443Only:
      rules =
          "    ct state established,related accept\n"
          "    iifname \"lan0\" tcp dport 443 accept\n    iifname \"lan0\" " +
          closed;
      break;
    case FirewallKind::kTls443Dpi:  // the first byte with content: 22 is a handshake record
      rules =
          "    iifname \"wan0\" ct state established,related accept\n    ct mark 1 accept\n"
          "    iifname \"lan0\" tcp dport 443 tcp flags & psh == psh @ih,0,8 0x16 ct mark set 1 "
          "accept\n"
          "    iifname \"lan0\" tcp dport 443 tcp flags & psh == psh reject with tcp reset\n"
          "    iifname \"lan0\" tcp dport 443 accept\n    iifname \"lan0\" " +
          closed;
      break;
  }
  return inPlaceOf(
      "lab_firewall",
      "  chain outward {\n    type filter hook forward priority -10\n" + rules + "  }\n");
}

bool translates(const Node& node, const std::vector<SiteSpec>& sites) {
  return node.kind == NodeKind::kCarrier ||
         (node.kind == NodeKind::kRouter && sites[node.site].nat != NatKind::kPublic);
}

std::string natRulesOf(const Node& node, const std::vector<SiteSpec>& sites) {
  const NatKind nat = sites[node.site].nat;
  TURNOUT_CHECK(translates(node, sites), "a node without a NAT has no rules of one");
  return natRules(nat, addressesOf(node.site, nat).public_address);
}

}  // namespace turnout
