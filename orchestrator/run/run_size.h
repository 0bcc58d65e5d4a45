// How big a run is, and whether the machine has room for it: bot hosts, open files, local ports, threads,
// memory, disk. What is short is named before the start, in words that say what to do; a run that dies
// of it in the middle tells nobody anything about TURN.
#pragma once

#include "scenarios/plan.h"
#include "scenarios/scenario.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace turnout {

// Most bots at once when every call lasts `call_length`. Pure.
int peakBots(const Plan& plan, Duration call_length);

// With networks one for each place of the lab. Scenario::hosts when given; else one host per 100 bots of the peak, at most two per core, and
// enough for the scenario's Placement. Pure.
int hostCount(const Scenario& scenario, const Plan& plan, unsigned cores);

// What a run takes at its peak, estimated from below (docs/PERFORMANCE.md has what bots cost): a machine
// that has less cannot make it.
struct RunNeeds {
  int bots = 0;                          // at once, over all hosts
  std::uint64_t files_per_host = 0;      // open in one bot host
  std::uint64_t addresses_per_host = 0;  // bytes of address space, stacks of threads above all
  std::uint64_t ports = 0;               // sockets of bots, each with a local port
  std::uint64_t threads = 0;             // of all processes
  std::uint64_t memory_bytes = 0;        // of all processes
  std::uint64_t disk_bytes = 0;          // of the event log
};
RunNeeds needsOf(const Scenario& scenario, const Plan& plan, int hosts);  // pure

// What there is of each; absent: no limit, or it cannot be told.
struct MachineRoom {
  std::optional<std::uint64_t> files_per_process{}, addresses_per_process{}, ports{}, threads{},
      memory_bytes{}, disk_bytes{};
};
// `directory`: where the run writes.
MachineRoom roomOfThisMachine(const std::string& directory);

// A sentence for each thing that is short. Pure.
std::vector<std::string> shortages(const RunNeeds& needs, const MachineRoom& room);

}  // namespace turnout
