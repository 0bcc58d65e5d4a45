// The sections of a scenario file, each as a table of keys for the strict reader; and the checks
// that need more than one section. load.cc joins them. A new section is declared here.
#pragma once

#include "scenarios/scenario.h"
#include "scenarios/strict_reader.h"

#include <string>
#include <vector>

namespace turnout {

// What a call is (calls_section.cc).
Key<Scenario> callsSection();
Key<Scenario> recoverySection();
Key<Scenario> messagesSection();
Key<Scenario> sessionSection();
// What needs more than one key to be judged. `root`, here and below: the scenario as a whole.
void checkCalls(const Place& root, Scenario& scenario);

// "signaling" (signaling_section.cc): the app's server and the dialect it speaks.
Key<Scenario> signalingSection();

// "steps": what bots do in the middle of a call (steps_section.cc; step.h has the table).
Key<Scenario> stepsSection();
// Whether the steps fit the calls: their bots exist, and what they need is there.
void checkSteps(const Place& root, const Scenario& scenario);

// "faults" (faults_section.cc): what goes wrong with the servers of the run on purpose.
Key<Scenario> faultsSection();
// What needs the arms to be judged; names the service of each fault that leaves it out.
void checkFaults(const Place& root, Scenario& scenario);

// "networks" (networks_section.cc): the sites that bots are at, and the pairs of them that call.
Key<Scenario> networksSection();
// Whether calls and servers fit into a lab, which has no way out.
void checkNetworks(const Place& root, const Scenario& scenario);

// Of a site, as its object has them: "nat", "firewall", "action"; of a line, "delay_ms" and so on.
Keys<LineDirection> lineKeys();
template <class Kinds>
auto wordsOf(const Kinds& kinds) {
  std::vector<std::pair<std::string, typename Kinds::value_type>> words;
  for (const auto kind : kinds)
    words.emplace_back(toString(kind), kind);
  return words;
}

// "thresholds": conditions by measure, names of sets, or both; "extend", which lets the run grow
// until they are decided (thresholds_section.cc).
Key<Scenario> thresholdsSection();
Key<Scenario> extendSection();
// Arms that thresholds name, and whether there is anything that an extension could decide.
void checkThresholds(const Place& root, const Scenario& scenario);

// A scenario that names no threshold is judged by success: every call of each arm. No call of an arm
// that is meant to fail connects, whatever else is judged.
void addImpliedThresholds(Scenario& scenario);

// "turn" (turn_section.cc): the arms under comparison and their servers.
Key<Scenario> turnSection();
// A list of servers as an arm has it under "ice_servers".
void readServerList(const Place& place, std::vector<ScenarioServer>& servers);
// The keys of an entry of "ice_servers" that name a source in place of "urls"
// (server_source_keys.cc), and those of them that an entry has.
Keys<ScenarioServer> serverSourceKeys();
std::vector<std::string> serverSourcesIn(const JsonValue& entry);

}  // namespace turnout
