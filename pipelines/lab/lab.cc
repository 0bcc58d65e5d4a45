#include "pipelines/lab/lab.h"

#include "pipelines/base/subprocess.h"

#include <utility>

#include <unistd.h>

namespace turnout {
namespace {

std::string nameOf(const Node& node, const std::vector<SiteSpec>& sites) {
  switch (node.kind) {
    case NodeKind::kInternet:
      return "the internet";
    case NodeKind::kServices:
      return "the servers' place";
    case NodeKind::kLines:
      return "the place of the lines";
    case NodeKind::kHost:
      return "the host of site " + sites[node.site].name;
    case NodeKind::kRouter:
      return "the router of site " + sites[node.site].name;
    case NodeKind::kCarrier:
      return "the carrier of site " + sites[node.site].name;
  }
  return {};
}

Error inNode(const std::string& name, const Error& error) {
  return {error.code, "the lab cannot be built, " + name + ": " + error.what};
}

}  // namespace

Result<Lab> Lab::bringUp(std::vector<SiteSpec> sites, std::uint64_t seed) {
  if (sites.size() > kMostSites)
    return Error{ErrorCode::kBadScenario,
                 "a lab has at most " + std::to_string(kMostSites) + " sites"};
  Lab lab(std::move(sites));
  auto ip = networkTool("ip"), nft = networkTool("nft");
  if (!ip)
    return ip.error();
  if (!nft)
    return nft.error();
  lab.ip_ = *std::move(ip);
  lab.nft_ = *std::move(nft);

  const std::vector<Node> nodes = nodesOf(lab.sites_);
  for (const Node& node : nodes) {
    auto network = NetworkNamespace::create();
    if (!network)
      return inNode(nameOf(node, lab.sites_), network.error());
    lab.networks_.emplace(node, *std::move(network));
  }
  const auto linked =
      lab.applyBatch({NodeKind::kInternet},
                     linkBatch(lab.sites_, [&](const Node& node) { return lab.at(node).path(); }));
  if (!linked)
    return linked.error();
  for (const Node& node : nodes)
    if (const auto furnished = lab.furnish(node); !furnished)
      return furnished.error();
  if (const auto opened = lab.openLines(seed); !opened)
    return opened.error();
  return lab;
}

Result<Done> Lab::openLines(std::uint64_t seed) {
  std::vector<LineEmulator::Ends> lines;
  for (std::size_t site = 0; site < sites_.size(); ++site) {
    if (!sites_[site].hasLine())
      continue;
    const LineDevices devices = lineDevicesOf(site);
    for (const auto& [node, device] : {std::pair(Node{NodeKind::kInternet}, devices.internet),
                                       {outerNode(site, sites_[site].nat), devices.outer}}) {
      const InNetwork here(at(node));
      if (auto forbidden = forbidOffloading(device); !forbidden)
        return forbidden;
    }
    const InNetwork here(at({NodeKind::kLines}));
    auto internet = packetSocket(devices.internet_end), own = packetSocket(devices.site_end);
    if (!internet || !own)
      return internet ? own.error() : internet.error();
    line_of_[site] = lines.size();
    lines.push_back({*std::move(internet), *std::move(own), sites_[site].up, sites_[site].down});
  }
  if (lines.empty())
    return Done{};
  auto started = LineEmulator::start(std::move(lines), seed);
  if (!started)
    return started.error();
  lines_ = *std::move(started);
  return Done{};
}

void Lab::setLine(std::size_t site, const LineDirection& up, const LineDirection& down) {
  TURNOUT_CHECK(line_of_.contains(site), "a site without a line gets none later");
  sites_[site].up = up;
  sites_[site].down = down;
  lines_->change(line_of_.at(site), up, down);
}

Result<Done> Lab::furnish(const Node& node) const {
  {
    const InNetwork here(at(node));
    if (::access("/proc/sys/net/ipv6", F_OK) == 0)
      for (const char* devices : {"all", "default"})
        if (const auto set =
                setSysctl("net/ipv6/conf/" + std::string(devices) + "/disable_ipv6", "1");
            !set)
          return inNode(nameOf(node, sites_), set.error());
    if (forwards(node.kind))
      if (const auto set = setSysctl("net/ipv4/ip_forward", "1"); !set)
        return inNode(nameOf(node, sites_), set.error());
    for (const char* devices : {"all", "default"})  // a distribution's may be stricter
      (void)setSysctl("net/ipv4/conf/" + std::string(devices) + "/rp_filter", "0");
  }
  if (auto batch = applyBatch(node, nodeBatch(node, sites_)); !batch)
    return batch;
  std::string rules;
  if (translates(node, sites_))
    rules = natRulesOf(node, sites_);
  if (node.kind == NodeKind::kRouter)
    rules += firewallRules(sites_[node.site].firewall, sites_[node.site].action);
  return rules.empty() ? Done{} : applyRules(node, rules);
}

Result<Done> Lab::applyBatch(const Node& node, const std::string& batch) const {
  const auto ran = Subprocess::run({ip_, "-batch", "-"}, batch, at(node).fd());
  if (!ran)
    return inNode(nameOf(node, sites_), ran.error());
  return Done{};
}

Result<Done> Lab::applyRules(const Node& node, const std::string& rules) const {
  const auto ran = Subprocess::run({nft_, "-f", "-"}, rules, at(node).fd());
  if (!ran)
    return inNode(nameOf(node, sites_), ran.error());
  return Done{};
}

Result<Done> Lab::setNat(std::size_t site, NatKind kind) {
  const auto hasOwnLinks = [](NatKind each) {
    return each == NatKind::kPublic || each == NatKind::kCgnat;
  };
  TURNOUT_CHECK(!hasOwnLinks(kind) && !hasOwnLinks(sites_[site].nat), "other links and addresses");
  sites_[site].nat = kind;
  return rebind(site);
}

Result<Done> Lab::setFirewall(std::size_t site, FirewallKind kind, FirewallAction action) {
  sites_[site].firewall = kind;
  sites_[site].action = action;
  if (auto applied = applyRules({NodeKind::kRouter, site}, firewallRules(kind, action)); !applied)
    return applied;
  return rebind(site);
}

Result<Done> Lab::beginOutage(std::size_t site) {
  return applyRules({NodeKind::kRouter, site}, outageRules());
}

Result<Done> Lab::endOutage(std::size_t site) {
  return applyRules({NodeKind::kRouter, site}, noOutageRules());
}

Result<Done> Lab::cutLink(std::size_t site) {
  return applyBatch({NodeKind::kHost, site}, "link set eth0 down\n");
}

Result<Done> Lab::restoreLink(std::size_t site) {
  return applyBatch({NodeKind::kHost, site}, hostLinkBatch(site, sites_[site].nat));
}

// A cone's `mappings` are not of the connection tracking: its rules are made anew.
Result<Done> Lab::rebind(std::size_t site) {
  for (const NodeKind kind : {NodeKind::kRouter, NodeKind::kCarrier}) {
    const Node node{kind, site};
    if (!networks_.contains(node))
      continue;
    if (translates(node, sites_))
      if (auto applied = applyRules(node, natRulesOf(node, sites_)); !applied)
        return applied;
    const InNetwork here(at(node));
    if (auto forgotten = forgetFlows(); !forgotten)
      return forgotten;
  }
  return Done{};
}

}  // namespace turnout
