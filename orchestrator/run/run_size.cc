#include "orchestrator/run/run_size.h"

#include <algorithm>
#include <fstream>
#include <limits>

#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace turnout {
namespace {

constexpr int kBotsPerHost = 100;  // one loop keeps its timers within milliseconds up to here
constexpr auto kConnectAndLeave = 3s;

// Measured, rounded down: a host before its first bot, and what each bot and link adds.
constexpr std::uint64_t kFilesOfHost = 60, kFilesOfBot = 1, kFilesOfLink = 4;
constexpr std::uint64_t kAddressesOfHost = 600 << 20, kAddressesOfLink = 16 << 20;  // bytes
constexpr std::uint64_t kThreadsOfHost = 8, kThreadsOfLink = 2, kThreadsOfServices = 10;
constexpr std::uint64_t kMegabyte = 1 << 20;
constexpr std::uint64_t kMemoryOfHost = 30 * kMegabyte, kMemoryOfLink = kMegabyte / 2,
                        kMemoryOfOthers = 50 * kMegabyte;
constexpr std::uint64_t kEventBytesOfLink = 2'000, kOtherFiles = 100'000;

// Absent: unlimited. `kind`: the limit that a process may raise its own to, or that it has.
std::optional<std::uint64_t> limitOn(int resource, rlim_t rlimit::*kind = &rlimit::rlim_max) {
  rlimit limit{};
  if (::getrlimit(static_cast<__rlimit_resource>(resource), &limit) != 0 ||
      limit.*kind == RLIM_INFINITY)
    return std::nullopt;
  return limit.*kind;
}

std::optional<std::uint64_t> portsForConnections() {
  std::ifstream range("/proc/sys/net/ipv4/ip_local_port_range");
  std::uint64_t first = 0, last = 0;
  if (range >> first >> last && first <= last)
    return last - first + 1;
  return std::nullopt;
}

// MemAvailable and SwapFree, or the limit of a process's address space where that is less.
std::optional<std::uint64_t> memoryLeft() {
  std::ifstream info("/proc/meminfo");
  std::uint64_t left = 0;
  for (std::string name; info >> name;) {
    std::uint64_t kilobytes = 0;
    info >> kilobytes;
    if (name == "MemAvailable:" || name == "SwapFree:")
      left += kilobytes * 1024;
    info.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
  }
  return left > 0 ? std::optional(left) : std::nullopt;
}

std::optional<std::uint64_t> diskLeft(const std::string& directory) {
  struct statvfs info {};
  if (::statvfs(directory.c_str(), &info) != 0)
    return std::nullopt;
  return std::uint64_t{info.f_bavail} * info.f_frsize;
}

std::string megabytesText(std::uint64_t bytes) {
  return std::to_string((bytes + kMegabyte - 1) / kMegabyte) + " MB";
}

}  // namespace

int peakBots(const Plan& plan, Duration call_length) {
  std::size_t peak = 0, first = 0;  // calls [first, last] run when call `last` starts
  for (std::size_t last = 0; last < plan.calls.size(); ++last) {
    while (first < last && plan.calls[first].start + call_length <= plan.calls[last].start)
      ++first;
    peak = std::max(peak, last - first + 1);
  }
  return static_cast<int>(peak) * plan.bots_per_call;
}

int hostCount(const Scenario& scenario, const Plan& plan, unsigned cores) {
  if (scenario.networks)
    return static_cast<int>(labPlacesOf(*scenario.networks).sites.size());
  if (scenario.hosts > 0)
    return scenario.hosts;
  const int peak = peakBots(plan, usualLength(scenario) + kConnectAndLeave);
  const int wanted = (peak + kBotsPerHost - 1) / kBotsPerHost;
  const int least = scenario.placement == Placement::kApart ? scenario.shape.bots : 1;
  return std::clamp(wanted, least, std::max(least, 2 * static_cast<int>(cores)));
}

RunNeeds needsOf(const Scenario& scenario, const Plan& plan, int hosts) {
  const int bots = peakBots(plan, usualLength(scenario));
  const int links = scenario.messages ? 0 : scenario.shape.participants() - 1;
  const auto link_ends = static_cast<std::uint64_t>(bots * links);
  const auto all_bots = static_cast<std::uint64_t>(bots);
  const auto host_count = static_cast<std::uint64_t>(std::max(1, hosts));
  const std::uint64_t busiest = (all_bots + host_count - 1) / host_count;
  const std::uint64_t calls = plan.calls.size();
  return {.bots = bots,
          .files_per_host = kFilesOfHost + busiest * kFilesOfBot +
                            busiest * static_cast<std::uint64_t>(links) * kFilesOfLink,
          .addresses_per_host =
              kAddressesOfHost + busiest * static_cast<std::uint64_t>(links) * kAddressesOfLink,
          .ports = all_bots + link_ends,
          .threads = kThreadsOfServices + host_count * kThreadsOfHost + link_ends * kThreadsOfLink,
          .memory_bytes = kMemoryOfOthers + host_count * kMemoryOfHost + link_ends * kMemoryOfLink,
          .disk_bytes = kOtherFiles +
                        calls *
                            static_cast<std::uint64_t>(scenario.shape.bots * std::max(1, links)) *
                            kEventBytesOfLink};
}

MachineRoom roomOfThisMachine(const std::string& directory) {
  MachineRoom room{.files_per_process = limitOn(RLIMIT_NOFILE),
                   .addresses_per_process = limitOn(RLIMIT_AS, &rlimit::rlim_cur),
                   .ports = portsForConnections(),
                   .threads = {},
                   .memory_bytes = memoryLeft(),
                   .disk_bytes = diskLeft(directory)};
  if (::geteuid() != 0)  // root is above that limit
    room.threads = limitOn(RLIMIT_NPROC);
  return room;
}

std::vector<std::string> shortages(const RunNeeds& needs, const MachineRoom& room) {
  std::vector<std::string> short_of;
  const std::string bots = std::to_string(needs.bots) + " bots at a time";
  const auto check = [&](std::uint64_t need, const std::optional<std::uint64_t>& have,
                         const std::string& text) {
    if (have && *have < need)
      short_of.push_back(bots + " need " + text);
  };
  const auto number = [](const std::optional<std::uint64_t>& have) {
    return std::to_string(have.value_or(0));
  };
  check(needs.files_per_host, room.files_per_process,
        "some " + std::to_string(needs.files_per_host) + " open files in one bot host, and " +
            number(room.files_per_process) +
            " are allowed: raise the limit (ulimit -Hn), or use more bot hosts (--hosts)");
  check(needs.addresses_per_host, room.addresses_per_process,
        "some " + megabytesText(needs.addresses_per_host) +
            " of address space in one bot host, and " +
            megabytesText(room.addresses_per_process.value_or(0)) +
            " are allowed: raise the limit (ulimit -v), or use more bot hosts (--hosts)");
  check(needs.ports, room.ports,
        "at least " + std::to_string(needs.ports) + " local ports, and this machine has " +
            number(room.ports) +
            ": widen net.ipv4.ip_local_port_range, or lower arrival.rate_per_s or calls.hold_ms");
  check(needs.threads, room.threads,
        "some " + std::to_string(needs.threads) + " threads, and " + number(room.threads) +
            " are allowed: raise the limit (ulimit -Hu)");
  check(needs.memory_bytes, room.memory_bytes,
        "some " + megabytesText(needs.memory_bytes) + " of memory, and " +
            megabytesText(room.memory_bytes.value_or(0)) + " are free");
  check(needs.disk_bytes, room.disk_bytes,
        "some " + megabytesText(needs.disk_bytes) + " of disk for the event log, and " +
            megabytesText(room.disk_bytes.value_or(0)) + " are free: use another --out");
  return short_of;
}

}  // namespace turnout
