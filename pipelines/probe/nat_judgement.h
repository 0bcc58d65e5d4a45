// What a NAT does, from what servers saw and what came through. Pure. RFC 4787 4.1 and 5, RFC 5780.
#pragma once

#include "pipelines/probe/probe_report.h"

#include <optional>
#include <string>
#include <vector>

#include <sys/socket.h>

namespace turnout {

// One and the same socket, as one address of a server saw it.
struct MappingSeen {
  sockaddr_storage server;
  sockaddr_storage mapped;
};

// Needs two server addresses that differ in more than the port.
std::optional<NatRule> mappingRule(const std::vector<MappingSeen>& seen);

// Of a socket that has sent to one address of the server alone: what came from another address, and
// from another port of the same address.
NatRule filteringRule(bool came_from_other_address, bool came_from_other_port);

// What it means for calls, in one sentence.
std::string natSentence(const NatReport& report);

}  // namespace turnout
