#include "orchestrator/report/words.h"
#include "orchestrator/report/writers.h"
#include "orchestrator/results/fold/figures.h"
#include "pipelines/base/gobject_ref.h"

#include <algorithm>

namespace turnout {
namespace {

constexpr std::size_t kListedFaults = 8;

std::string secondsText(Duration time) {
  return Owned<char>(g_strdup_printf("%.1f s", toMs(time) / 1000)).get();
}

}  // namespace

std::string sentenceOf(const FaultSpan& fault, Instant epoch) {
  const std::string of = fault.service.empty() ? "all servers" : fault.service;
  return fault.fault + " of " + of + " at " + secondsText(fault.begin - epoch) +
         (fault.end ? ", back after " + secondsText(*fault.end - fault.begin) : ", for good");
}

std::string serverFaultsText(const RunFacts& run, std::size_t columns) {
  if (run.faults.empty())
    return "";
  std::string text = "\n  faults of servers, on purpose\n";
  for (std::size_t i = 0; i < std::min(run.faults.size(), kListedFaults); i++)
    text += wrapped(sentenceOf(run.faults[i], run.epoch), columns, 2 * kIndent, kIndent);
  if (run.faults.size() > kListedFaults)
    text += "    and " + std::to_string(run.faults.size() - kListedFaults) + " more\n";
  return text;
}

}  // namespace turnout
