#include "orchestrator/run/host_count.h"

#include <algorithm>

namespace turnout {
namespace {

constexpr int kBotsPerHost = 100;  // one loop keeps its timers within milliseconds up to here
constexpr auto kUsualConnectAndLeave = 3s;

}  // namespace

int peakBots(const Plan& plan, Duration call_length) {
  std::size_t peak = 0, first = 0;  // calls [first, last] run when call `last` starts
  for (std::size_t last = 0; last < plan.calls.size(); ++last) {
    while (plan.calls[first].start + call_length <= plan.calls[last].start)
      ++first;
    peak = std::max(peak, last - first + 1);
  }
  return static_cast<int>(peak) * plan.bots_per_call;
}

int hostCount(const Scenario& scenario, const Plan& plan, unsigned cores) {
  if (scenario.hosts > 0)
    return scenario.hosts;
  const int peak = peakBots(plan, scenario.hold + kUsualConnectAndLeave);
  const int wanted = (peak + kBotsPerHost - 1) / kBotsPerHost;
  return std::clamp(wanted, 1, std::max(1, 2 * static_cast<int>(cores)));
}

}  // namespace turnout
