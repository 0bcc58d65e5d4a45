#include "pipelines/probe/nat_judgement.h"

#include "pipelines/stun/socket_address.h"

namespace turnout {

std::optional<NatRule> mappingRule(const std::vector<MappingSeen>& seen) {
  bool has_two_hosts = false, differs_by_host = false, differs_by_port = false;
  for (const MappingSeen& one : seen) {
    for (const MappingSeen& other : seen) {
      const bool is_same_host = hostText(one.server) == hostText(other.server);
      const bool differs = socketAddressText(one.mapped) != socketAddressText(other.mapped);
      has_two_hosts |= !is_same_host;
      (is_same_host ? differs_by_port : differs_by_host) |= differs;
    }
  }
  if (differs_by_port)
    return NatRule::kAddressAndPortDependent;
  if (differs_by_host)
    return NatRule::kAddressDependent;
  return has_two_hosts ? std::optional(NatRule::kEndpointIndependent) : std::nullopt;
}

NatRule filteringRule(bool came_from_other_address, bool came_from_other_port) {
  if (came_from_other_address)
    return NatRule::kEndpointIndependent;
  return came_from_other_port ? NatRule::kAddressDependent : NatRule::kAddressAndPortDependent;
}

std::string natSentence(const NatReport& report) {
  if (!report.is_translated)
    return "No server told our address over UDP: calls need TURN over TCP or TLS.";
  if (!report.mapping)
    return *report.is_translated
               ? "There is a NAT; to tell which kind, two STUN servers are needed, or one with two "
                 "addresses."
               : "There is no NAT on the way over UDP.";
  if (*report.mapping != NatRule::kEndpointIndependent)
    return "Each server sees another address of ours (symmetric NAT): calls with others behind "
           "such "
           "a NAT, or behind a strict firewall, need TURN.";
  const bool is_open = report.filtering == NatRule::kEndpointIndependent;
  if (!*report.is_translated)
    return report.filtering && !is_open ? "There is no NAT, but a firewall lets only answers in: "
                                          "direct calls work when both "
                                          "sides try."
                                        : "There is no NAT on the way over UDP: direct calls work.";
  return "The NAT keeps one address for all destinations: direct calls work unless the other side "
         "is behind a symmetric NAT.";
}

}  // namespace turnout
