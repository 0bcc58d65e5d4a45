// The addresses that the bots of a run bind to, from everything that tells where their partners are.
#pragma once

#include "scenarios/scenario.h"

#include <string>
#include <vector>

namespace turnout {

// IP literals; empty: those of all interfaces but loopback, as browsers take them. Loopback alone, so
// that no packet leaves the machine, where bots call each other and signaling and every server that is
// named is on this machine. Guests come from wherever they like, and a browser has no candidate of
// 127.0.0.1. Scenario::local_addresses wins.
std::vector<std::string> localAddressesFor(const Scenario& scenario, bool are_fetched_servers_here);

// The same, as the log has it: "127.0.0.1, ::1", "all".
std::string addressesText(const std::vector<std::string>& addresses);

// Whether any interface that is up has an address which others could reach.
bool hasAddressBeyondLoopback();

}  // namespace turnout
