// A lab that is up: sites behind their NATs and firewalls, an internet between them, and a place for
// servers (lab_plan.h), all of this process's own world (namespaces.h). It goes with the process.
//
// Threads: one. Blocks for the time that `ip` and `nft` take.
#pragma once

#include "pipelines/lab/lab_plan.h"
#include "pipelines/lab/line.h"
#include "pipelines/lab/namespaces.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace turnout {

class Lab {
 public:
  // Error (kEnvironment): a program, a right or a feature of the kernel is missing; kBadScenario: too
  // many sites. What was made goes with the Lab.
  // `seed`: of the chances of the lines.
  static Result<Lab> bringUp(std::vector<SiteSpec> sites, std::uint64_t seed = kSeed);
  static constexpr std::uint64_t kSeed = 1;

  const std::vector<SiteSpec>& sites() const { return sites_; }
  // Where programs of a site run; where servers run, with the three addresses of lab_plan.h.
  const NetworkNamespace& host(std::size_t site) const { return at({NodeKind::kHost, site}); }
  const NetworkNamespace& services() const { return at({NodeKind::kServices}); }
  const NetworkNamespace& at(const Node& node) const { return networks_.at(node); }

  // From now on, for all packets: flows that were there are forgotten. Between kinds that are no
  // kPublic and no kCgnat: those have other links and addresses.
  Result<Done> setNat(std::size_t site, NatKind kind);
  Result<Done> setFirewall(std::size_t site, FirewallKind kind, FirewallAction action);
  // Of a site that came up with a line.
  void setLine(std::size_t site, const LineDirection& up, const LineDirection& down);
  // As after a router's restart: the mappings are gone.
  Result<Done> rebind(std::size_t site);
  // Nothing passes its router, without a word; mappings and flows are kept.
  Result<Done> beginOutage(std::size_t site);
  Result<Done> endOutage(std::size_t site);
  // Its host has no link: to send is an error there.
  Result<Done> cutLink(std::size_t site);
  Result<Done> restoreLink(std::size_t site);

  // In a node, by `nft`.
  Result<Done> applyRules(const Node& node, const std::string& rules) const;

 private:
  explicit Lab(std::vector<SiteSpec> sites) : sites_(std::move(sites)) {}
  Result<Done> furnish(const Node& node) const;
  Result<Done> openLines(std::uint64_t seed);
  Result<Done> applyBatch(const Node& node, const std::string& batch) const;

  std::vector<SiteSpec> sites_;
  std::map<Node, NetworkNamespace> networks_;
  std::string ip_, nft_;
  std::map<std::size_t, std::size_t> line_of_;  // by site
  std::unique_ptr<LineEmulator> lines_;
};

}  // namespace turnout
